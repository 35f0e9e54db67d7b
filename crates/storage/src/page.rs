//! Lists in parts: keyset paging, newest first.

use std::{fmt, str::FromStr};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Value,
};
use ulid::Ulid;

use crate::{StorageError, ids::Id};

/// The most items that one page holds.
pub const MAX_PAGE: u64 = 100;

/// A place in a list, after which the next page starts. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(u128);

impl Cursor {
    /// The place of the row with this id, in a list ordered by id.
    pub fn id<I: Id>(id: I) -> Self {
        Self(u128::from_be_bytes(id.ulid().to_bytes()))
    }

    /// The place of the row with this position, in a list ordered by log position.
    pub fn position(position: i64) -> Self {
        Self(u128::from(position.unsigned_abs()))
    }

    /// The id at this place.
    pub fn as_id<I: Id>(self) -> I {
        I::from_ulid(Ulid::from_bytes(self.0.to_be_bytes()))
    }

    /// The log position at this place.
    pub fn as_position(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ulid::from_bytes(self.0.to_be_bytes()).fmt(f)
    }
}

/// A text that is not a cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a cursor that this server gave out: pass `endCursor` or an edge's `cursor` as it is"
)]
pub struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        Ulid::from_string(text)
            .map(|ulid| Self(u128::from_be_bytes(ulid.to_bytes())))
            .map_err(|_| InvalidCursor)
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many items at most; values outside 1 to [`MAX_PAGE`] are brought within.
    pub first: u64,
    /// The place after which the page starts; from the beginning when absent.
    pub after: Option<Cursor>,
}

impl Page {
    /// The first `first` items.
    pub fn first(first: u64) -> Self {
        Self { first, after: None }
    }

    /// What this page shows of `rows`, newest first by `key`; `place` is what a cursor says about that column.
    pub(crate) async fn of<E, V, C>(
        self,
        db: &C,
        rows: Select<E>,
        key: E::Column,
        place: fn(Cursor) -> V,
    ) -> Result<Slice<E::Model>, StorageError>
    where
        E: EntityTrait,
        V: Into<Value>,
        C: ConnectionTrait,
    {
        let after = self.after.map(|cursor| key.lt(place(cursor)));
        let rows = rows
            .filter(Condition::all().add_option(after))
            .order_by_desc(key)
            // One more than shown tells whether there is a next page.
            .limit(self.size() + 1)
            .all(db)
            .await?;
        Ok(self.slice(rows))
    }

    pub(crate) fn size(self) -> u64 {
        self.first.clamp(1, MAX_PAGE)
    }

    pub(crate) fn slice<T>(self, mut rows: Vec<T>) -> Slice<T> {
        let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
        let has_next = rows.len() > size;
        rows.truncate(size);
        Slice {
            items: rows,
            has_next,
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::first(20)
    }
}

/// A row that can be found again in its list.
pub trait Keyed {
    /// The row's place.
    fn cursor(&self) -> Cursor;
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Whether there are more after these.
    pub has_next: bool,
}

impl<T: Keyed> Slice<T> {
    /// Where the next page starts.
    pub fn end(&self) -> Option<Cursor> {
        self.items.last().map(Keyed::cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, ids::RunId};

    #[test]
    fn a_cursor_reads_back_what_it_shows() {
        let id: RunId = Clock::system().id();
        let cursor: Cursor = Cursor::id(id).to_string().parse().unwrap();
        assert_eq!(cursor.as_id::<RunId>(), id);
        assert_eq!(Cursor::position(7).as_position(), 7);
        assert_eq!("nonsense".parse::<Cursor>(), Err(InvalidCursor));
    }

    #[test]
    fn a_page_is_cut_to_its_size() {
        let slice = Page::first(2).slice(vec![3, 2, 1]);
        assert_eq!((slice.items, slice.has_next), (vec![3, 2], true));
        assert_eq!(Page::first(1_000).size(), MAX_PAGE);
    }
}
