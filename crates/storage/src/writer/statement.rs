//! The SQL of the hot path: multi-row statements whose text is made once per size.
//!
//! SeaORM's `insert_many` builds the text anew for each batch, and each batch size is another text
//! that the database has to parse. Here a small batch is one statement and a larger one is cut into
//! a few sizes, so that some dozens of prepared statements serve all batches.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt::Write,
    sync::LazyLock,
};

use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use super::arrays;
use super::plan::Fenced;
use super::rows::{Advanced, Claimed, Row, Writing};
use crate::run::Run;

/// Up to so many rows are one statement, and more are cut into multiples of it. Each statement is a
/// way to the database's thread or process and back, which costs as much as several rows.
const STEP: usize = 32;

/// The most rows of one statement. More gain nothing, and make SQLite parse longer.
const MOST_ROWS: usize = 4 * STEP;

/// A statement with a list of rows in it.
pub(super) struct Rows {
    /// What comes before `VALUES` and the rows, or what stands for them.
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
        let postgres = backend == DbBackend::Postgres;
        self.kept(postgres, rows, || Ok(self.build(postgres, rows)))
            .unwrap_or_default()
    }

    /// The statement that takes any number of rows as arrays, one for each column.
    fn text_of_arrays(&'static self, row: &[Value]) -> Result<String, DbErr> {
        const ANY: usize = 0;
        let build = || {
            Ok(format!(
                "{}{}{}",
                self.before,
                arrays::source(row)?,
                self.after
            ))
        };
        self.kept(true, ANY, build)
    }

    fn kept(
        &'static self,
        postgres: bool,
        rows: usize,
        build: impl FnOnce() -> Result<String, DbErr>,
    ) -> Result<String, DbErr> {
        static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
        let key = (std::ptr::from_ref(self).addr(), postgres, rows);
        match TEXTS.lock().entry(key) {
            Entry::Occupied(kept) => Ok(kept.get().clone()),
            Entry::Vacant(place) => Ok(place.insert(build()?).clone()),
        }
    }

    fn build(&self, postgres: bool, rows: usize) -> String {
        // `OR FAIL` leaves undoing to the transaction, which is undone as a whole anyway; SQLite otherwise copies each page
        // aside before it changes it, a fifth of all the time.
        let mut text = if postgres {
            self.before.to_owned()
        } else {
            self.before.replace("INSERT INTO", "INSERT OR FAIL INTO")
        };
        text.push_str("VALUES ");
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

    /// The statements that write `rows`: for PostgreSQL one.
    pub fn statements<R: Row>(
        &'static self,
        backend: DbBackend,
        rows: &[&R],
        writing: &Writing,
    ) -> Result<Vec<Statement>, DbErr> {
        let values = |rows: &[&R]| {
            let mut values = Vec::with_capacity(rows.len() * self.columns);
            for row in rows {
                row.values(writing, &mut values);
            }
            values
        };
        if backend == DbBackend::Postgres && rows.len() > 1 {
            let values = values(rows);
            let text = self.text_of_arrays(&values[..self.columns])?;
            let arrays = arrays::columns(&values, self.columns)?;
            return Ok(vec![statement(backend, text, arrays)]);
        }
        let mut left = rows;
        let mut statements = Vec::new();
        while let Some(size) = chunk(left.len()) {
            let (now, later) = left.split_at(size);
            left = later;
            statements.push(statement(backend, self.text(backend, size), values(now)));
        }
        Ok(statements)
    }

    /// Runs the statements for all rows.
    pub async fn execute<C: ConnectionTrait, R: Row>(
        &'static self,
        db: &C,
        rows: &[&R],
        writing: &Writing,
    ) -> Result<(), DbErr> {
        for statement in self.statements(db.get_database_backend(), rows, writing)? {
            db.execute_raw(statement).await?;
        }
        Ok(())
    }
}

fn chunk(rows: usize) -> Option<usize> {
    match rows {
        0 => None,
        1..=STEP => Some(rows),
        _ => Some((rows - rows % STEP).min(MOST_ROWS)),
    }
}

pub(super) fn statement(
    backend: DbBackend,
    text: impl Into<String>,
    values: Vec<Value>,
) -> Statement {
    Statement::from_sql_and_values(backend, text, values)
}

/// The statements that write how far runs are, each only if its fence is the expected one. They return those written, with how
/// often something from outside happened to them. One that is put to rest without having seen all of that is due at once.
pub(super) fn update_runs(
    backend: DbBackend,
    runs: &[&Run],
    writing: &Writing,
) -> Result<Fenced, DbErr> {
    let rows: Vec<Advanced<'_>> = runs.iter().map(|run| Advanced(run)).collect();
    let rows: Vec<&Advanced<'_>> = rows.iter().collect();
    Ok(Fenced {
        statements: UPDATE_RUNS.statements(backend, &rows, writing)?,
        rows: rows.len(),
    })
}

static UPDATE_RUNS: Rows = Rows {
    before: "WITH given (id, expected, status, output, error, started_at, finished_at, due_at, \
             lease_owner, fence, revision, signal, recoveries) AS (",
    columns: 13,
    after: ") UPDATE runs SET status = given.status, output = given.output, \
            error = given.error, started_at = given.started_at, finished_at = given.finished_at, \
            due_at = CASE WHEN given.status = 'WAITING' AND runs.signal <> given.signal \
            THEN 0 ELSE given.due_at END, recoveries = given.recoveries, lease_owner = given.lease_owner, fence = given.fence, \
            revision = given.revision \
            FROM given WHERE runs.id = given.id AND runs.fence = given.expected \
            RETURNING runs.id, runs.signal",
};

/// Writes runs that were just claimed and are locked by this transaction.
pub(super) async fn update_claimed<C: ConnectionTrait>(db: &C, runs: &[Run]) -> Result<(), DbErr> {
    let rows: Vec<Claimed<'_>> = runs.iter().map(Claimed).collect();
    let rows: Vec<&Claimed<'_>> = rows.iter().collect();
    let writing = Writing::default();
    UPDATE_RUNS.execute(db, &rows, &writing).await?;
    writing.finish(db).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_cut_into_few_sizes() {
        let mut left = 235;
        let sizes: Vec<usize> = std::iter::from_fn(|| {
            let size = chunk(left)?;
            left -= size;
            Some(size)
        })
        .collect();
        assert_eq!(sizes, [128, 96, 11]);
    }

    #[test]
    fn placeholders_follow_the_database() {
        let rows = Rows {
            before: "",
            columns: 2,
            after: ";",
        };
        assert_eq!(rows.build(false, 2), "VALUES (?, ?), (?, ?);");
        assert_eq!(rows.build(true, 2), "VALUES ($1, $2), ($3, $4);");
    }
}
