use std::path::PathBuf;

use sea_orm::DbErr;

/// Why the database could not be opened, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither SQLite's nor PostgreSQL's.
    #[error(
        "the database URL must begin with `sqlite://` or `postgres://`: set JACKFIELD_DATABASE_URL or `database_url` accordingly"
    )]
    UnknownScheme,
    /// The directory of the database, or a file in it, cannot be written.
    #[error(
        "{} cannot be written ({source}): make the directory writable for the user that runs jackfield, or choose another one with --data-dir",
        path.display()
    )]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The thread that writes to SQLite could not be started.
    #[error(
        "the thread that writes to the database could not be started ({0}): allow more threads for the user that runs jackfield"
    )]
    NoThread(std::io::Error),
    /// Another process has the SQLite database open.
    #[error(
        "another jackfield server is using {}: stop it first, or use PostgreSQL, which several servers can share",
        path.display()
    )]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file is no SQLite database, or is damaged.
    #[error(
        "{} is damaged or is no SQLite database ({detail}): restore it from a backup, or move it and its -wal file away to start with an empty one",
        path.display()
    )]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// A later release has changed the schema.
    #[error(
        "the database was upgraded by a newer release (it has the schema step `{step}`): run that release or a later one, or restore a backup from before the upgrade"
    )]
    Newer {
        /// The first step that this release does not know.
        step: String,
    },
    /// PostgreSQL did not answer, or refused the user.
    #[error(
        "PostgreSQL at {address} cannot be reached: {source}. Check that it runs, that the database exists, and that host, user and password in the database URL are right"
    )]
    Unreachable {
        /// Host, port and database without the password.
        address: String,
        /// What went wrong.
        source: DbErr,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {0}")]
    Migration(#[source] DbErr),
    /// Anything else.
    #[error("the database could not be opened: {0}")]
    Database(#[from] DbErr),
}
