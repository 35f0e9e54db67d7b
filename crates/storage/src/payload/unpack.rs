//! Putting documents together again.

use std::collections::{BTreeMap, HashMap};

use memchr::{memchr2, memchr2_iter};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select, TryIntoModel,
};

use super::{Column, Documents, Entity, Hash, MARK};
use crate::{Json, ids::WorkspaceId, reader::ReadRows};

/// How many values are read at once.
const ROWS: usize = 100;
/// The text of a reference: the mark and the hash in hex.
const LENGTH: usize = 1 + 2 * size_of::<Hash>();

/// Texts of values. One that is gone is none: its owner is just being deleted.
pub(super) type Known = HashMap<(WorkspaceId, Hash), Option<String>>;

/// Reads rows whole.
pub(crate) trait Whole<R> {
    /// All of them.
    async fn whole<C: ReadRows>(self, db: &C) -> Result<Vec<R>, DbErr>;

    /// The first of them.
    async fn whole_one<C: ConnectionTrait>(self, db: &C) -> Result<Option<R>, DbErr>;
}

impl<E> Whole<E::Model> for Select<E>
where
    E: EntityTrait,
    E::ActiveModel: TryIntoModel<E::Model>,
    E::Model: Documents,
{
    async fn whole<C: ReadRows>(self, db: &C) -> Result<Vec<E::Model>, DbErr> {
        let mut rows = db.rows(self).await?;
        unpack(db, &mut rows).await?;
        Ok(rows)
    }

    async fn whole_one<C: ConnectionTrait>(self, db: &C) -> Result<Option<E::Model>, DbErr> {
        let mut row = self.one(db).await?;
        unpack(db, row.as_mut_slice()).await?;
        Ok(row)
    }
}

/// Puts the documents of rows together again that were just read.
pub(crate) async fn unpack<C: ConnectionTrait, R: Documents>(
    db: &C,
    rows: &mut [R],
) -> Result<(), DbErr> {
    if !rows.iter().flat_map(R::documents).any(is_packed) {
        return Ok(());
    }
    let known = load(db, rows).await?;
    for row in rows {
        let (workspace, _) = row.owner();
        for json in row.documents_mut().filter(|json| is_packed(json)) {
            let mut text = String::new();
            *json = match write(json.stored(), workspace, &known, &mut text) {
                true => Json::check(text).map_err(|error| {
                    DbErr::Type(format!("a stored JSON document is damaged: {error}"))
                })?,
                false => Json::null(),
            };
        }
    }
    Ok(())
}

fn is_packed(json: &Json) -> bool {
    json.stored().starts_with(MARK)
}

/// Reads all that the documents refer to, and what that refers to.
async fn load<C: ConnectionTrait, R: Documents>(db: &C, rows: &[R]) -> Result<Known, DbErr> {
    let mut known = Known::new();
    let mut wanted: BTreeMap<WorkspaceId, Vec<Hash>> = BTreeMap::new();
    for row in rows {
        let (workspace, _) = row.owner();
        for json in row.documents().filter(|json| is_packed(json)) {
            want(json.stored(), workspace, &mut known, &mut wanted);
        }
    }
    while let Some((workspace, hashes)) = wanted.pop_first() {
        for some in hashes.chunks(ROWS) {
            let found = Entity::find()
                .filter(Column::WorkspaceId.eq(workspace))
                .filter(Column::Sha256.is_in(some.iter().map(|hash| hash.to_vec())))
                .all(db)
                .await?;
            for value in found {
                want(&value.text, workspace, &mut known, &mut wanted);
                if let Ok(hash) = Hash::try_from(value.sha256) {
                    known.insert((workspace, hash), Some(value.text));
                }
            }
        }
    }
    Ok(known)
}

/// Notes what a text refers to and what is not known yet.
fn want(
    text: &str,
    workspace: WorkspaceId,
    known: &mut Known,
    wanted: &mut BTreeMap<WorkspaceId, Vec<Hash>>,
) {
    for (_, hash) in references(text) {
        known.entry((workspace, hash)).or_insert_with(|| {
            wanted.entry(workspace).or_default().push(hash);
            None
        });
    }
}

/// Writes a text with what it refers to in it; whether all of that was there.
pub(super) fn write(text: &str, workspace: WorkspaceId, known: &Known, whole: &mut String) -> bool {
    let mut read = usize::from(text.starts_with(MARK));
    for (at, hash) in references(text) {
        whole.push_str(&text[read..at]);
        read = at + LENGTH;
        let value = known.get(&(workspace, hash)).and_then(Option::as_deref);
        if !value.is_some_and(|value| write(value, workspace, known, whole)) {
            return false;
        }
    }
    whole.push_str(&text[read..]);
    true
}

/// Where a text refers to what. A text that does begins with a mark.
fn references(text: &str) -> impl Iterator<Item = (usize, Hash)> {
    let (bytes, mut at) = (text.as_bytes(), 1);
    let packed = text.starts_with(MARK);
    std::iter::from_fn(move || {
        while packed && at < bytes.len() {
            at += memchr2(b'"', MARK as u8, &bytes[at..])?;
            if bytes[at] == b'"' {
                at = end_of_string(bytes, at + 1);
                continue;
            }
            let found = at;
            at += LENGTH;
            let mut hash = Hash::default();
            hex::decode_to_slice(bytes.get(found + 1..at)?, &mut hash).ok()?;
            return Some((found, hash));
        }
        None
    })
}

/// Where a string is over that has begun before `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut escaped = None;
    for found in memchr2_iter(b'"', b'\\', &bytes[at..]) {
        let here = at + found;
        if escaped == Some(here) {
            continue;
        }
        if bytes[here] == b'"' {
            return here + 1;
        }
        escaped = Some(here + 1);
    }
    bytes.len()
}
