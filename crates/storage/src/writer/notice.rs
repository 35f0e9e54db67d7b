//! What a commit says to the other nodes on the database.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::statement::statement;
use crate::changes::{CHANNEL, Touched};

/// One notification. PostgreSQL delivers it when the transaction is committed, and in the order of
/// commits.
pub(super) struct Notice<'n> {
    pub channel: &'static str,
    /// Who says so.
    pub node: &'n str,
    /// What was touched.
    pub text: String,
}

impl<'n> Notice<'n> {
    pub fn new(node: &'n str, touched: &Touched) -> Self {
        Self {
            channel: CHANNEL,
            node,
            text: touched.text(),
        }
    }
}

/// Locks the head until the transaction ends and moves it, with a notice. Returns where it was.
pub(super) async fn take_positions(
    db: &DatabaseTransaction,
    count: i64,
    notice: &Notice<'_>,
) -> Result<i64, DbErr> {
    let sql = "\
WITH head AS (
  UPDATE log_heads SET position = position + $1 WHERE id = 1 RETURNING position - $1 AS base
)
SELECT base, pg_notify($2, $3 || ' ' || base::text || ' ' || (base + $1)::text || ' ' || $4)
FROM head";
    let values = vec![
        count.into(),
        notice.channel.into(),
        notice.node.into(),
        notice.text.as_str().into(),
    ];
    let row = db
        .query_one_raw(statement(db.get_database_backend(), sql, values))
        .await?;
    row.ok_or_else(|| DbErr::RecordNotFound("the row of log_heads".to_owned()))?
        .try_get_by(0)
}

/// Locks the head until the transaction ends. Returns where it is.
pub(super) async fn lock_head(db: &DatabaseTransaction) -> Result<i64, DbErr> {
    let sql = "SELECT position FROM log_heads WHERE id = 1 FOR UPDATE";
    let row = db
        .query_one_raw(statement(db.get_database_backend(), sql, Vec::new()))
        .await?;
    row.ok_or_else(|| DbErr::RecordNotFound("the row of log_heads".to_owned()))?
        .try_get_by(0)
}

/// Moves the head that [`lock_head`] has locked from `base` to `head`, with a notice.
pub(super) async fn move_head(
    db: &DatabaseTransaction,
    base: i64,
    head: i64,
    notice: &Notice<'_>,
) -> Result<(), DbErr> {
    let sql = "\
WITH head AS (UPDATE log_heads SET position = $1 WHERE id = 1 RETURNING position)
SELECT pg_notify($2, $3) FROM head";
    let said = format!("{} {base} {head} {}", notice.node, notice.text);
    let values = vec![head.into(), notice.channel.into(), said.into()];
    db.query_one_raw(statement(db.get_database_backend(), sql, values))
        .await?;
    Ok(())
}
