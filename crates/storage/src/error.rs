use sea_orm::DbErr;

/// Why a read or a write was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused or could not be reached.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// The closure of a [`Writer::call`](crate::Writer::call) panicked and was undone.
    #[error("a write was given up because of a defect in it; the log has the details")]
    Panicked,
    /// The writer is gone: the server is stopping, or the writer failed and the log says why.
    #[error("nothing can be written any more because the writer has stopped; restart the server")]
    Closed,
}

/// Whether an error is about the rows of a statement (a constraint, a value that the database
/// cannot hold), in contrast to a database that is in trouble.
pub(crate) fn refuses_row(error: &DbErr) -> bool {
    let (DbErr::Exec(sea_orm::RuntimeErr::SqlxError(cause))
    | DbErr::Query(sea_orm::RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let sqlx::Error::Database(cause) = cause.as_ref() else {
        return false;
    };
    let code = cause.code().unwrap_or_default();
    if cause
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        // The low byte is the primary result code: TOOBIG, CONSTRAINT, MISMATCH.
        code.parse::<i32>()
            .is_ok_and(|code| matches!(code & 0xff, 18..=20))
    } else {
        // SQLSTATE classes: 22 data exception, 23 integrity constraint, 54 program limit.
        ["22", "23", "54"]
            .iter()
            .any(|class| code.starts_with(class))
    }
}

/// Whether an error is about a database that is away or going away, and may soon be back: a lost
/// connection, a server that shuts down or starts. SQLite is never away.
pub(crate) fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Conn(sea_orm::RuntimeErr::SqlxError(cause))
    | DbErr::Exec(sea_orm::RuntimeErr::SqlxError(cause))
    | DbErr::Query(sea_orm::RuntimeErr::SqlxError(cause))) = error
    else {
        return matches!(error, DbErr::ConnectionAcquire(_));
    };
    match cause.as_ref() {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(cause) => {
            // SQLSTATE classes: 08 connection exception, 57P operator intervention; 40 is a
            // transaction that the server undid for another one's sake.
            let code = cause.code().unwrap_or_default();
            cause
                .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
                .is_some()
                && ["08", "57P", "40"]
                    .iter()
                    .any(|class| code.starts_with(class))
        }
        _ => false,
    }
}
