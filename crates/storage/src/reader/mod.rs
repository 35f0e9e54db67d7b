//! Reading.

mod direct;

use std::future::Future;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    ExecResult, QueryResult, Select, Statement, TryIntoModel,
};

pub(crate) use direct::DirectReader;

/// What finders read with: connections to the database, and for SQLite others on which rows are read without a detour.
pub struct Reader {
    db: DatabaseConnection,
    direct: Option<DirectReader>,
}

impl Reader {
    pub(crate) fn new(db: DatabaseConnection, direct: Option<DirectReader>) -> Self {
        Self { db, direct }
    }

    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        if let Some(direct) = &self.direct {
            direct.close();
        }
        self.db.clone().close().await
    }
}

/// Reads few rows by an index: a page, or those with some ids.
pub trait ReadRows: ConnectionTrait {
    /// All rows of `select`.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn rows<E>(
        &self,
        select: Select<E>,
    ) -> impl Future<Output = Result<Vec<E::Model>, DbErr>> + Send
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>;
}

impl ReadRows for Reader {
    async fn rows<E>(&self, select: Select<E>) -> Result<Vec<E::Model>, DbErr>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        match self.direct.as_ref().and_then(|direct| direct.rows(&select)) {
            Some(rows) => Ok(rows),
            None => select.all(&self.db).await,
        }
    }
}

impl ReadRows for DatabaseConnection {
    async fn rows<E>(&self, select: Select<E>) -> Result<Vec<E::Model>, DbErr>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        select.all(self).await
    }
}

impl ReadRows for DatabaseTransaction {
    async fn rows<E>(&self, select: Select<E>) -> Result<Vec<E::Model>, DbErr>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        select.all(self).await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.db.query_all_raw(statement).await
    }
}
