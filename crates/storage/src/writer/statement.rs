//! The SQL of the hot path: multi-row statements whose text is made once per size.
//!
//! SeaORM's `insert_many` builds the text anew for each batch, and each batch size is another text
//! that the database has to parse. Here the rows are cut into powers of two, so that a handful of
//! prepared statements serves all batches.

use std::{collections::HashMap, fmt::Write, sync::LazyLock};

use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use super::rows::{Row, Writing};
use crate::{ids::RunId, run::Run};

/// The most rows of one statement. More gain nothing, and make SQLite parse longer.
const MOST_ROWS: usize = 128;

/// A statement with a list of rows in it.
pub(super) struct Rows {
    /// Whether it is a transaction by itself. Within one, an insertion says `OR FAIL` to SQLite:
    /// that leaves undoing to the transaction, which is undone as a whole anyway, where SQLite
    /// otherwise copies each page aside before it changes it, a fifth of all the time.
    pub alone: bool,
    /// What comes before the rows.
    pub before: &'static str,
    /// How many columns a row has.
    pub columns: usize,
    /// What comes after the rows.
    pub after: &'static str,
}

/// Texts by statement, database and number of rows.
type Texts = HashMap<(usize, bool, usize), String>;

impl Rows {
    /// The statement for `rows` rows, `(?, ?), (?, ?)` or `($1, $2), ($3, $4)`.
    fn text(&'static self, backend: DbBackend, rows: usize) -> String {
        static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
        let postgres = backend == DbBackend::Postgres;
        let key = (std::ptr::from_ref(self).addr(), postgres, rows);
        TEXTS
            .lock()
            .entry(key)
            .or_insert_with(|| self.build(postgres, rows))
            .clone()
    }

    fn build(&self, postgres: bool, rows: usize) -> String {
        let mut text = if postgres || self.alone {
            self.before.to_owned()
        } else {
            self.before.replace("INSERT INTO", "INSERT OR FAIL INTO")
        };
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns {
                if column > 0 {
                    text.push_str(", ");
                }
                if postgres {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "${}", row * self.columns + column + 1);
                } else {
                    text.push('?');
                }
            }
            text.push(')');
        }
        text.push_str(self.after);
        text
    }

    /// Cuts `rows` into as few statements as possible whose sizes are powers of two.
    pub fn statements<'r, R: Row>(
        &'static self,
        backend: DbBackend,
        mut rows: &'r [&'r R],
        writing: &'r Writing,
    ) -> impl Iterator<Item = Statement> + Send + use<'r, R> {
        std::iter::from_fn(move || {
            let size = chunk(rows.len())?;
            let (now, later) = rows.split_at(size);
            rows = later;
            let mut values = Vec::with_capacity(size * self.columns);
            for row in now {
                row.values(writing, &mut values);
            }
            Some(statement(backend, self.text(backend, size), values))
        })
    }

    /// Runs the statements for all rows.
    pub async fn execute<C: ConnectionTrait, R: Row>(
        &'static self,
        db: &C,
        rows: &[&R],
        writing: &Writing,
    ) -> Result<(), DbErr> {
        for statement in self.statements(db.get_database_backend(), rows, writing) {
            db.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// Whether so many rows are one statement.
pub(super) fn fits_one(rows: usize) -> bool {
    chunk(rows) == Some(rows)
}

fn chunk(rows: usize) -> Option<usize> {
    match rows {
        0 => None,
        1..=8 => Some(rows),
        _ => Some((1 << rows.ilog2()).min(MOST_ROWS)),
    }
}

pub(super) fn statement(
    backend: DbBackend,
    text: impl Into<String>,
    values: Vec<Value>,
) -> Statement {
    Statement::from_sql_and_values(backend, text, values)
}

/// Writes how far runs are, each only if its fence is the expected one. Returns those written, with how often something
/// from outside happened to them. One that is put to rest without having seen all of that is due at once.
pub(super) async fn update_runs<C: ConnectionTrait, R: Row>(
    db: &C,
    rows: &[&R],
    writing: &Writing,
) -> Result<Vec<(RunId, i64)>, DbErr> {
    static UPDATE: Rows = Rows {
        alone: false,
        before: "WITH given (id, expected, status, output, error, started_at, finished_at, due_at, \
                 lease_owner, fence, revision, signal, recoveries) AS (VALUES ",
        columns: 13,
        after: ") UPDATE runs SET status = given.status, output = given.output, \
                error = given.error, started_at = given.started_at, finished_at = given.finished_at, \
                due_at = CASE WHEN given.status = 'WAITING' AND runs.signal <> given.signal \
                THEN 0 ELSE given.due_at END, recoveries = given.recoveries, lease_owner = given.lease_owner, fence = given.fence, \
                revision = given.revision \
                FROM given WHERE runs.id = given.id AND runs.fence = given.expected \
                RETURNING runs.id, runs.signal",
    };
    let mut written = Vec::with_capacity(rows.len());
    for statement in UPDATE.statements(db.get_database_backend(), rows, writing) {
        for row in db.query_all_raw(statement).await? {
            written.push((row.try_get_by(0)?, row.try_get_by(1)?));
        }
    }
    Ok(written)
}

/// Writes runs that were just claimed and are locked by this transaction.
pub(super) async fn update_claimed<C: ConnectionTrait>(db: &C, runs: &[Run]) -> Result<(), DbErr> {
    let rows: Vec<super::rows::Claimed<'_>> = runs.iter().map(super::rows::Claimed).collect();
    let rows: Vec<&super::rows::Claimed<'_>> = rows.iter().collect();
    let writing = Writing::default();
    update_runs(db, &rows, &writing).await?;
    writing.finish(db).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_two() {
        let mut left = 203;
        let sizes: Vec<usize> = std::iter::from_fn(|| {
            let size = chunk(left)?;
            left -= size;
            Some(size)
        })
        .collect();
        assert_eq!(sizes, [128, 64, 8, 3]);
    }

    #[test]
    fn placeholders_follow_the_database() {
        let rows = Rows {
            alone: false,
            before: "VALUES ",
            columns: 2,
            after: ";",
        };
        assert_eq!(rows.build(false, 2), "VALUES (?, ?), (?, ?);");
        assert_eq!(rows.build(true, 2), "VALUES ($1, $2), ($3, $4);");
    }
}
