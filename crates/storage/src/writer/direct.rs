//! SQLite without detours: a connection that is used from the thread that has it, a whole transaction at a time.
//!
//! The other connections have a thread each, to which each statement goes and comes back from. With some eight statements in a
//! batch, waking threads cost more than what they did. What goes through here is what is written all the time; everything
//! else goes through SeaORM, on the writer's other connection and never at the same time.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, TransactionBehavior};
use sea_orm::{DbErr, RuntimeErr, Statement, Value};
use ulid::Ulid;

use super::crash;
use super::plan::{Plan, Written};
use super::session::Failure;
use crate::ids::Id;

/// How many prepared statements are kept: some of several sizes for each table.
const STATEMENTS: usize = 512;

/// The connection. It blocks the thread that uses it, so the writer that has one runs on a thread of its own.
pub(crate) struct DirectWriter(Connection);

impl DirectWriter {
    /// Connects to a database that exists and is migrated.
    pub fn open(path: &Path) -> Result<Self, rusqlite::Error> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        for (pragma, value) in [
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            ("temp_store", "MEMORY"),
            ("cache_size", "-16384"),
            ("wal_autocheckpoint", "16384"),
        ] {
            connection.pragma_update(None, pragma, value)?;
        }
        Ok(Self(connection))
    }

    /// Performs the plan as one transaction. It is undone if a fence is not the expected one: then fewer rows are returned than
    /// the plan has. With `counts` it is among the points at which a test has the process killed.
    pub(super) fn commit(&mut self, plan: &Plan, counts: bool) -> Result<Written, Failure> {
        let transaction = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut written = Written::default();
        for statement in &plan.runs.statements {
            returning(&transaction, statement, |row| {
                written.runs.push((id(row)?, row.get(1)?));
                Ok(())
            })?;
        }
        for statement in &plan.deliveries.statements {
            returning(&transaction, statement, |row| {
                written.deliveries.push(id(row)?);
                Ok(())
            })?;
        }
        if written.runs.len() < plan.runs.rows || written.deliveries.len() < plan.deliveries.rows {
            transaction.rollback()?;
            return Ok(written);
        }
        for statement in &plan.rows {
            let mut prepared = transaction.prepare_cached(&statement.sql)?;
            bind(&mut prepared, statement)?;
            prepared.raw_execute()?;
        }
        crash::point(counts, crash::Side::Before);
        transaction.commit()?;
        crash::point(counts, crash::Side::After);
        Ok(written)
    }
}

fn returning(
    connection: &Connection,
    statement: &Statement,
    mut each: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    bind(&mut prepared, statement)?;
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        each(row)?;
    }
    Ok(())
}

/// The id in the first column.
fn id<I: Id>(row: &rusqlite::Row<'_>) -> rusqlite::Result<I> {
    row.get(0).map(Ulid::from_bytes).map(I::from_ulid)
}

/// Binds the values of a statement to its prepared form.
pub(crate) fn bind(
    prepared: &mut rusqlite::Statement<'_>,
    statement: &Statement,
) -> rusqlite::Result<()> {
    let values = statement.values.iter().flat_map(|values| &values.0);
    for (place, value) in values.enumerate() {
        prepared.raw_bind_parameter(place + 1, Bound(value))?;
    }
    Ok(())
}

/// A value as sqlx stores it too.
struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self.0 {
            Value::Bool(Some(value)) => ValueRef::Integer((*value).into()),
            Value::SmallInt(Some(value)) => ValueRef::Integer((*value).into()),
            Value::Int(Some(value)) => ValueRef::Integer((*value).into()),
            Value::BigInt(Some(value)) => ValueRef::Integer(*value),
            Value::BigUnsigned(Some(value)) => {
                ValueRef::Integer(i64::try_from(*value).unwrap_or(i64::MAX))
            }
            Value::Double(Some(value)) => ValueRef::Real(*value),
            Value::String(Some(value)) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(Some(value)) => ValueRef::Blob(value),
            Value::Uuid(Some(value)) => ValueRef::Blob(value.as_bytes()),
            Value::Bool(None)
            | Value::SmallInt(None)
            | Value::Int(None)
            | Value::BigInt(None)
            | Value::Double(None)
            | Value::String(None)
            | Value::Bytes(None)
            | Value::Uuid(None) => ValueRef::Null,
            _ => {
                let refused = "a value of a kind that no row of the hot path has";
                return Err(rusqlite::Error::ToSqlConversionFailure(refused.into()));
            }
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let row = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::TooBig | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch)
        );
        let error = DbErr::Exec(RuntimeErr::Internal(error.to_string()));
        if row {
            Self::Refused(error)
        } else {
            Self::Database(error)
        }
    }
}
