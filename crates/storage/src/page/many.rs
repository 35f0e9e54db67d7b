//! Several lists with one statement: what stands below each thing of a list.

use sea_orm::sea_query::{Asterisk, Expr, Query, SelectStatement, UnionType};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryResult, QueryTrait, Select,
    TryIntoModel, Value,
};

use super::{Cursor, Keyed, Page, Slice};
use crate::{StorageError, reader::ReadRows};

/// How many lists one statement reads; SQLite takes up to 500 (<https://sqlite.org/limits.html>, section 5).
const AT_ONCE: usize = 200;

/// What several pages show, each of its own list, in the order in which they are asked for.
pub(crate) async fn pages<E, V, C>(
    db: &C,
    wanted: Vec<(Select<E>, Page)>,
    key: E::Column,
    place: fn(Cursor) -> V,
) -> Result<Vec<Slice<E::Model>>, StorageError>
where
    E: EntityTrait,
    E::Model: Keyed,
    E::ActiveModel: TryIntoModel<E::Model>,
    V: Into<Value>,
    C: ReadRows,
{
    let pages: Vec<Page> = wanted.iter().map(|(_, page)| *page).collect();
    let lists = wanted.into_iter();
    let lists = lists.map(|(rows, page)| page.cut(rows, key, place));
    let found = rows(db, lists.collect()).await?;
    let slice = |(page, mut rows): (Page, Vec<E::Model>)| {
        rows.sort_unstable_by_key(Keyed::cursor);
        if page.descends() {
            rows.reverse();
        }
        page.slice(rows)
    };
    Ok(pages.into_iter().zip(found).map(slice).collect())
}

/// The rows of each list, in the order of the lists; those of one list are in no order when there are several lists.
pub(crate) async fn rows<E, C>(
    db: &C,
    mut lists: Vec<Select<E>>,
) -> Result<Vec<Vec<E::Model>>, StorageError>
where
    E: EntityTrait,
    E::ActiveModel: TryIntoModel<E::Model>,
    C: ReadRows,
{
    if lists.len() == 1 {
        return Ok(vec![db.rows(lists.remove(0)).await?]);
    }
    let statements = lists.into_iter().map(QueryTrait::into_query);
    read(
        db,
        statements,
        |outer| outer.column(("rows", Asterisk)),
        |row| E::Model::from_query_result(row, ""),
    )
    .await
}

/// How many rows each list has.
pub(crate) async fn counts<E: EntityTrait, C: ConnectionTrait>(
    db: &C,
    lists: Vec<Select<E>>,
) -> Result<Vec<u64>, StorageError> {
    let statements = lists.into_iter().map(|list| {
        let mut list = list.into_query();
        list.clear_selects().expr(Expr::cust("1"));
        list
    });
    let counted = read(
        db,
        statements,
        |outer| outer.expr_as(Expr::cust("COUNT(*)"), "counted"),
        |row| row.try_get::<i64>("", "counted"),
    )
    .await?;
    let count = |rows: Vec<i64>| rows.first().map_or(0, |count| count.unsigned_abs());
    Ok(counted.into_iter().map(count).collect())
}

/// Reads what `select` takes of each of the statements, which is told apart by a column in front of it.
async fn read<T, C: ConnectionTrait>(
    db: &C,
    statements: impl Iterator<Item = SelectStatement>,
    select: impl Fn(&mut SelectStatement) -> &mut SelectStatement,
    of: impl Fn(&QueryResult) -> Result<T, DbErr>,
) -> Result<Vec<Vec<T>>, StorageError> {
    let marked = statements.enumerate().map(|(number, statement)| {
        let mut outer = Query::select();
        outer.expr_as(Expr::cust(number.to_string()), "list");
        select(&mut outer).from_subquery(statement, "rows").take()
    });
    let marked: Vec<SelectStatement> = marked.collect();
    let mut found: Vec<Vec<T>> = marked.iter().map(|_| Vec::new()).collect();
    for some in marked.chunks(AT_ONCE) {
        let Some((first, others)) = some.split_first() else {
            continue;
        };
        let mut all = first.clone();
        all.unions(others.iter().map(|other| (UnionType::All, other.clone())));
        for row in db.query_all(&all).await? {
            let list: i32 = row.try_get("", "list")?;
            if let Some(rows) = usize::try_from(list)
                .ok()
                .and_then(|list| found.get_mut(list))
            {
                rows.push(of(&row)?);
            }
        }
    }
    Ok(found)
}
