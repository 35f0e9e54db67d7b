//! Lists in parts: keyset paging, in both directions.

pub(crate) mod many;

use std::{fmt, str::FromStr};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    TryIntoModel, Value,
};
use ulid::Ulid;

use crate::{StorageError, ids::Id, reader::ReadRows};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// How many items, and from which end of what is between the cursors.
    pub size: Size,
    /// Only what comes after this place.
    pub after: Option<Cursor>,
    /// Only what comes before this place.
    pub before: Option<Cursor>,
    /// In which order "after" and "before" are meant.
    pub order: Order,
}

/// How many items a page has at most; values outside 1 to [`MAX_PAGE`] are brought within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// From the beginning.
    First(u64),
    /// From the end.
    Last(u64),
}

/// How a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// What was made or stored last comes first.
    #[default]
    NewestFirst,
    /// What was made or stored first comes first.
    OldestFirst,
}

impl Page {
    /// The first `first` items.
    pub fn first(first: u64) -> Self {
        Self::after(first, None)
    }

    /// The first `first` items after a place, if one is given.
    pub fn after(first: u64, after: Option<Cursor>) -> Self {
        Self {
            size: Size::First(first),
            after,
            before: None,
            order: Order::default(),
        }
    }

    /// What this page shows of `rows`, sorted by `key`; `place` is what a cursor says about that column.
    pub(crate) async fn of<E, V, C>(
        self,
        db: &C,
        rows: Select<E>,
        key: E::Column,
        place: fn(Cursor) -> V,
    ) -> Result<Slice<E::Model>, StorageError>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
        V: Into<Value>,
        C: ReadRows,
    {
        let rows = db.rows(self.cut(rows, key, place)).await?;
        Ok(self.slice(rows))
    }

    /// What has to be read of `rows` to show this page: one more than it shows, which tells whether there are others.
    fn cut<E, V>(self, rows: Select<E>, key: E::Column, place: fn(Cursor) -> V) -> Select<E>
    where
        E: EntityTrait,
        V: Into<Value>,
    {
        let (after, before) = (self.after.map(place), self.before.map(place));
        let (above, below) = match self.order {
            Order::NewestFirst => (before, after),
            Order::OldestFirst => (after, before),
        };
        let between = Condition::all()
            .add_option(above.map(|place| key.gt(place)))
            .add_option(below.map(|place| key.lt(place)));
        let rows = rows.filter(between);
        let rows = match self.descends() {
            true => rows.order_by_desc(key),
            false => rows.order_by_asc(key),
        };
        rows.limit(self.size() + 1)
    }

    /// Whether the database reads from the newest on to have this page.
    pub(crate) fn descends(self) -> bool {
        let newest_first = self.order == Order::NewestFirst;
        newest_first == matches!(self.size, Size::First(_))
    }

    pub(crate) fn size(self) -> u64 {
        let (Size::First(size) | Size::Last(size)) = self.size;
        size.clamp(1, MAX_PAGE)
    }

    /// The page made of rows as the database reads them, with one more if there is one.
    pub(crate) fn slice<T>(self, mut rows: Vec<T>) -> Slice<T> {
        let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        match self.size {
            Size::First(_) => Slice {
                items: rows,
                has_next: more,
                has_previous: self.after.is_some(),
            },
            Size::Last(_) => {
                rows.reverse();
                Slice {
                    items: rows,
                    has_next: self.before.is_some(),
                    has_previous: more,
                }
            }
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
    /// The rows, in the order of the page.
    pub items: Vec<T>,
    /// Whether there are more after these. Known when the page is one from the beginning; otherwise there are if it ends before
    /// a place.
    pub has_next: bool,
    /// The same of what is before these.
    pub has_previous: bool,
}

impl<T> Slice<T> {
    /// The same page of other things.
    pub fn of<U>(self, items: impl FnOnce(Vec<T>) -> Vec<U>) -> Slice<U> {
        Slice {
            items: items(self.items),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
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
        let last = Page {
            size: Size::Last(2),
            ..Page::default()
        };
        let slice = last.slice(vec![1, 2, 3]);
        assert_eq!((slice.items, slice.has_previous), (vec![2, 1], true));
        assert_eq!(Page::first(1_000).size(), MAX_PAGE);
    }
}
