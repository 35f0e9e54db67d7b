//! Connecting, checking and migrating.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jackfield_migrations::Migrator;
use log::LevelFilter;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use sqlx::sqlite::{SqliteAutoVacuum, SqliteJournalMode, SqliteSynchronous};

use tokio::sync::mpsc;

use super::{OpenError, StoreConfig, lock::Lock};
use crate::{
    changes::{Heard, Listener},
    reader,
    writer::DirectWriter,
};

/// SQLite checks each page of a database up to this size when it is opened: tens of milliseconds.
const CHECKED_BYTES: u64 = 64 << 20;

/// What an open database consists of.
pub(super) struct Opened {
    pub reader: DatabaseConnection,
    /// One connection: SQLite has one writer anyway, and on PostgreSQL the log head has.
    pub writer: DatabaseConnection,
    pub direct: Option<DirectWriter>,
    /// The same for reading.
    pub reading: Option<reader::DirectReader>,
    pub lock: Option<Lock>,
    /// The last log position that was given out, as far as this process knows.
    pub head: i64,
    /// Hears what other nodes commit after `head`; absent where there can be none.
    pub listener: Option<Listener>,
    pub heard: Option<mpsc::UnboundedReceiver<Heard>>,
}

pub(super) async fn open(config: &StoreConfig, node: &str) -> Result<Opened, OpenError> {
    if let Some(path) = sqlite_path(&config.url) {
        open_sqlite(&path, config).await
    } else if ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| config.url.starts_with(scheme))
    {
        open_postgres(config, node).await
    } else {
        Err(OpenError::UnknownScheme)
    }
}

fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))?;
    Some(path.split('?').next().unwrap_or(path).into())
}

async fn open_sqlite(path: &Path, config: &StoreConfig) -> Result<Opened, OpenError> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(directory).map_err(|source| OpenError::Unwritable {
        path: directory.to_owned(),
        source,
    })?;
    let lock = Lock::take(path)?;
    let explain = |error| explain_sqlite(path, error);
    let writer = connect_sqlite(path, 1, false).await.map_err(explain)?;
    check_sqlite(path, &writer).await?;
    migrate(&writer).await.map_err(|error| match error {
        OpenError::Migration(error) => explain_sqlite(path, error),
        other => other,
    })?;
    end_leases(&writer).await.map_err(explain)?;
    let reader = connect_sqlite(path, config.readers, true)
        .await
        .map_err(explain)?;
    let head = last_position(&writer).await?;
    let direct = DirectWriter::open(path).map_err(|error| OpenError::Unwritable {
        path: path.to_owned(),
        source: std::io::Error::other(error),
    })?;
    Ok(Opened {
        reader,
        writer,
        direct: Some(direct),
        reading: Some(reader::DirectReader::new(path)),
        lock: Some(lock),
        head,
        listener: None,
        heard: None,
    })
}

/// Whoever held a lease before this process took the lock is gone, so their runs and deliveries are due at once.
async fn end_leases(db: &DatabaseConnection) -> Result<(), DbErr> {
    for end in [
        "UPDATE runs SET due_at = 0 WHERE due_at IS NOT NULL AND status = 'RUNNING'",
        "UPDATE deliveries SET due_at = 0 WHERE due_at IS NOT NULL AND lease_owner IS NOT NULL",
    ] {
        let end = Statement::from_string(DbBackend::Sqlite, end);
        db.execute_raw(end).await?;
    }
    Ok(())
}

/// How many prepared statements a connection keeps: the writer has some of several sizes for each table.
const STATEMENTS: usize = 512;

/// Whether somebody wants to see each statement, without its values. Otherwise none is looked at.
fn statements_are_logged() -> bool {
    tracing::enabled!(target: "sqlx::query", tracing::Level::TRACE)
}

async fn connect_sqlite(
    path: &Path,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection, DbErr> {
    let path = path.to_owned();
    let mut options = ConnectOptions::new("sqlite://");
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(statements_are_logged())
        .sqlx_logging_level(LevelFilter::Trace)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .filename(&path)
                .in_memory(false)
                .shared_cache(false)
                .create_if_missing(!read_only)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .statement_cache_capacity(STATEMENTS)
                // In KiB, and for each connection: what the kernel keeps of the file serves all of them.
                .pragma("cache_size", "-4096")
                .pragma("temp_store", "MEMORY");
            if read_only {
                sqlite.pragma("query_only", "ON")
            } else {
                sqlite
                    // Of a new file; one that was made without keeps its size until somebody says VACUUM. The
                    // pragma writes to the file, which a reader must not do beside a transaction of the writer.
                    .auto_vacuum(SqliteAutoVacuum::Incremental)
                    // In pages: larger than the default, so that a page that many batches touch is
                    // copied into the database once and not once per few batches.
                    .pragma("wal_autocheckpoint", "16384")
            }
        });
    Database::connect(options).await
}

async fn check_sqlite(path: &Path, db: &DatabaseConnection) -> Result<(), OpenError> {
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    let pragma = if size <= CHECKED_BYTES {
        "PRAGMA quick_check(1)"
    } else {
        "PRAGMA schema_version"
    };
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, pragma))
        .await
        .map_err(|error| explain_sqlite(path, error))?;
    let verdict = row.and_then(|row| row.try_get_by::<String, _>(0).ok());
    match verdict {
        Some(verdict) if verdict != "ok" => Err(OpenError::Corrupt {
            path: path.to_owned(),
            detail: verdict,
        }),
        _ => Ok(()),
    }
}

fn explain_sqlite(path: &Path, error: DbErr) -> OpenError {
    let path = path.to_owned();
    match sqlite_code(&error) {
        // SQLITE_CORRUPT, SQLITE_NOTADB
        Some(11 | 26) => OpenError::Corrupt {
            path,
            detail: database_message(&error),
        },
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
        Some(3 | 8 | 10 | 13 | 14) => OpenError::Unwritable {
            path,
            source: std::io::Error::other(database_message(&error)),
        },
        // SQLITE_BUSY, SQLITE_LOCKED
        Some(5 | 6) => OpenError::InUse { path },
        _ => OpenError::Database(error),
    }
}

fn database_error(error: &DbErr) -> Option<&dyn sqlx::error::DatabaseError> {
    let (DbErr::Conn(sea_orm::RuntimeErr::SqlxError(cause))
    | DbErr::Exec(sea_orm::RuntimeErr::SqlxError(cause))
    | DbErr::Query(sea_orm::RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    cause.as_database_error()
}

fn sqlite_code(error: &DbErr) -> Option<i32> {
    let code = database_error(error)?.code()?.parse::<i32>().ok()?;
    Some(code & 0xff)
}

fn database_message(error: &DbErr) -> String {
    database_error(error).map_or_else(|| error.to_string(), |cause| cause.message().to_owned())
}

async fn open_postgres(config: &StoreConfig, node: &str) -> Result<Opened, OpenError> {
    let explain = |source| OpenError::Unreachable {
        address: address(&config.url),
        source,
    };
    let writer = connect_postgres(config, 1, &BY_KEY)
        .await
        .map_err(explain)?;
    migrate(&writer).await?;
    let reader = connect_postgres(config, config.readers, &NO_JIT)
        .await
        .map_err(explain)?;
    let listening = Listener::start(config.url.clone(), reader.clone(), node.to_owned()).await;
    let (listener, heard) = listening
        .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(Arc::new(error))))
        .map_err(explain)?;
    let head = last_position(&writer).await?;
    Ok(Opened {
        reader,
        writer,
        direct: None,
        reading: None,
        lock: None,
        head,
        listener: Some(listener),
        heard: Some(heard),
    })
}

/// PostgreSQL compiles a plan that it takes to be costly to machine code, in a tenth of a second. Pages and batches are done before
/// that, and the writer's settings make each plan look costly that has another way than a key.
const NO_JIT: [(&str, &str); 1] = [("jit", "off")];

/// The writer finds rows by their keys. PostgreSQL would otherwise plan its statements while tables are still small, to read
/// them from one end to the other, and keep to that plan as they grow.
const BY_KEY: [(&str, &str); 4] = [
    NO_JIT[0],
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

async fn connect_postgres(
    config: &StoreConfig,
    connections: u32,
    settings: &'static [(&str, &str)],
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(&config.url);
    options
        .max_connections(connections)
        .min_connections(1)
        .connect_timeout(config.connect_timeout)
        .acquire_timeout(config.connect_timeout)
        .test_before_acquire_if_idle_for(Duration::from_secs(10))
        .set_application_name("jackfield")
        .map_sqlx_postgres_opts(move |postgres| postgres.options(settings.iter().copied()))
        .sqlx_logging(statements_are_logged())
        .sqlx_logging_level(LevelFilter::Trace);
    Database::connect(options).await
}

/// Host, port and database of a PostgreSQL URL, without user and password.
fn address(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    rest.split('?').next().unwrap_or(rest).to_owned()
}

/// Brings the schema up to date in one transaction. Two servers that start at the same time on one
/// PostgreSQL wait for each other.
async fn migrate(db: &DatabaseConnection) -> Result<(), OpenError> {
    let transaction = db.begin().await.map_err(OpenError::Migration)?;
    if db.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_unprepared("SELECT pg_advisory_xact_lock(7230586219872)")
            .await
            .map_err(OpenError::Migration)?;
    }
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let applied = Migrator::get_migration_models(&transaction)
        .await
        .map_err(OpenError::Migration)?;
    if let Some(unknown) = applied
        .into_iter()
        .find(|step| !known.contains(&step.version))
    {
        return Err(OpenError::Newer {
            step: unknown.version,
        });
    }
    Migrator::up(&transaction, None)
        .await
        .map_err(OpenError::Migration)?;
    transaction.commit().await.map_err(OpenError::Migration)
}

/// The last position that was given out. Batches of nothing but events do not write the head, so
/// the events themselves are asked too.
pub(crate) async fn last_position<C: ConnectionTrait>(db: &C) -> Result<i64, DbErr> {
    let sql = "SELECT max(position) FROM (SELECT position FROM log_heads UNION ALL \
               SELECT (SELECT max(position) FROM events WHERE workspace_id = workspaces.id) FROM workspaces) AS positions";
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    let head = row
        .map(|row| row.try_get_by::<Option<i64>, _>(0))
        .transpose()?;
    Ok(head.flatten().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_password() {
        assert_eq!(
            address("postgres://jack:s3cret@db.example.com:5432/field?sslmode=require"),
            "db.example.com:5432/field"
        );
        assert_eq!(address("postgres:///field?host=/run/postgresql"), "/field");
    }

    #[test]
    fn a_path_follows_the_scheme() {
        assert_eq!(
            sqlite_path("sqlite://data/jackfield.db"),
            Some("data/jackfield.db".into())
        );
        assert_eq!(
            sqlite_path("sqlite:///var/x.db?mode=rwc"),
            Some("/var/x.db".into())
        );
        assert_eq!(sqlite_path("postgres://localhost/x"), None);
    }
}
