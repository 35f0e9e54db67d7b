//! Reading SQLite on the thread that asks.
//!
//! The other connections have a thread each, to which every statement goes and from which every row comes back; for a page of
//! rows that costs more than reading them. What is read here is short, and what turns out not to be goes the long way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sea_orm::sea_query::ColumnType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbBackend, EntityTrait, Iterable, QueryTrait, Select, Statement,
    TryIntoModel, Value,
};
use tracing::trace;
use uuid::Uuid;

use crate::writer::bind;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;

/// How many instructions of SQLite's machine a statement may take, in stretches: some two milliseconds in all.
const STRETCH: i32 = 10_000;
const STRETCHES: u32 = 6;

/// Connections that are not in use. As many are made as there are threads that read at the same time.
pub(crate) struct DirectReader {
    path: PathBuf,
    idle: Mutex<Vec<Reading>>,
}

/// A connection, with how many stretches its present statement has taken.
struct Reading {
    connection: Connection,
    taken: Arc<AtomicU32>,
}

impl DirectReader {
    /// Reads the database at `path`, which exists and is migrated.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// The rows of `select`; none when they cannot be read here, for whatever reason.
    pub fn rows<E>(&self, select: &Select<E>) -> Option<Vec<E::Model>>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        let reading = self.idle.lock().pop();
        let reading = match reading {
            Some(reading) => reading,
            None => Reading::open(&self.path).ok()?,
        };
        reading.taken.store(0, Ordering::Relaxed);
        let rows = reading.rows::<E>(&select.build(DbBackend::Sqlite));
        self.idle.lock().push(reading);
        rows.ok().flatten()
    }

    /// Closes what is not in use.
    pub fn close(&self) {
        self.idle.lock().clear();
    }
}

impl Reading {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::ZERO)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        for (pragma, value) in [
            ("query_only", "ON"),
            ("temp_store", "MEMORY"),
            ("cache_size", "-2048"),
        ] {
            connection.pragma_update(None, pragma, value)?;
        }
        let taken = Arc::new(AtomicU32::new(0));
        let counted = taken.clone();
        let too_many = move || counted.fetch_add(1, Ordering::Relaxed) >= STRETCHES;
        connection.progress_handler(STRETCH, Some(too_many))?;
        Ok(Self { connection, taken })
    }

    fn rows<E>(&self, statement: &Statement) -> rusqlite::Result<Option<Vec<E::Model>>>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        let mut prepared = self.connection.prepare_cached(&statement.sql)?;
        bind(&mut prepared, statement)?;
        let columns: Vec<(E::Column, ColumnType)> = E::Column::iter()
            .map(|column| (column, column.def().get_column_type().clone()))
            .collect();
        let mut found = prepared.raw_query();
        let mut models = Vec::new();
        while let Some(row) = found.next()? {
            let mut model = E::ActiveModel::default();
            for (place, (column, kind)) in columns.iter().enumerate() {
                let set = value(kind, row.get_ref(place)?)
                    .and_then(|value| model.try_set(*column, value).ok());
                if set.is_none() {
                    return Ok(None);
                }
            }
            match model.try_into_model() {
                Ok(model) => models.push(model),
                Err(_) => return Ok(None),
            }
        }
        // As sqlx tells of the statements of its connections.
        let rows = models.len();
        trace!(target: "sqlx::query", { db.statement = statement.sql, rows_returned = rows }, "read");
        Ok(Some(models))
    }
}

/// A stored value as a column of that type has it; none for types that no table has.
fn value(kind: &ColumnType, stored: ValueRef<'_>) -> Option<Value> {
    Some(match (kind, stored) {
        (ColumnType::Boolean, ValueRef::Integer(number)) => Value::Bool(Some(number != 0)),
        (ColumnType::Boolean, ValueRef::Null) => Value::Bool(None),
        (ColumnType::SmallInteger, ValueRef::Integer(number)) => {
            Value::SmallInt(Some(number.try_into().ok()?))
        }
        (ColumnType::SmallInteger, ValueRef::Null) => Value::SmallInt(None),
        (ColumnType::Integer, ValueRef::Integer(number)) => {
            Value::Int(Some(number.try_into().ok()?))
        }
        (ColumnType::Integer, ValueRef::Null) => Value::Int(None),
        (ColumnType::BigInteger, ValueRef::Integer(number)) => Value::BigInt(Some(number)),
        (ColumnType::BigInteger, ValueRef::Null) => Value::BigInt(None),
        (ColumnType::Uuid, ValueRef::Blob(bytes)) => {
            Value::Uuid(Some(Uuid::from_slice(bytes).ok()?))
        }
        (ColumnType::Uuid, ValueRef::Null) => Value::Uuid(None),
        (ColumnType::String(_) | ColumnType::Text, ValueRef::Text(text)) => {
            Value::String(Some(std::str::from_utf8(text).ok()?.to_owned()))
        }
        (ColumnType::String(_) | ColumnType::Text, ValueRef::Null) => Value::String(None),
        (ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob, stored) => {
            match stored {
                ValueRef::Blob(bytes) => Value::Bytes(Some(bytes.to_owned())),
                ValueRef::Null => Value::Bytes(None),
                _ => return None,
            }
        }
        _ => return None,
    })
}
