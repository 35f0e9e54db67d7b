use async_graphql::{Enum, Result};
use jackfield_storage::page::{Cursor, MAX_PAGE, Order, Page, Size};

use crate::errors::Code;

/// How many things a page has when the document does not say.
const DEFAULT_PAGE: u64 = 20;

/// In which order a list of what is made or stored comes.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListOrder {
    /// What was made or stored last comes first.
    #[default]
    NewestFirst,
    /// What was made or stored first comes first.
    OldestFirst,
}

impl From<ListOrder> for Order {
    fn from(order: ListOrder) -> Self {
        match order {
            ListOrder::NewestFirst => Self::NewestFirst,
            ListOrder::OldestFirst => Self::OldestFirst,
        }
    }
}

/// The arguments `first` and `after`, or `last` and `before`.
pub type Direction = (Option<i32>, Option<String>);

/// The page that the arguments `first`, `after`, `last`, `before` and `order` ask for.
///
/// # Errors
///
/// `BAD_USER_INPUT` when both `first` and `last` are given, one of them is not within 1 to 100, or `after` or `before` is no
/// cursor.
pub fn page(
    (first, after): Direction,
    (last, before): Direction,
    order: Option<ListOrder>,
) -> Result<Page> {
    Ok(Page {
        size: size(first, last)?,
        after: cursor("after", after)?,
        before: cursor("before", before)?,
        order: order.unwrap_or_default().into(),
    })
}

/// How many things are asked for, and from which end.
///
/// # Errors
///
/// As [`page`].
pub fn size(first: Option<i32>, last: Option<i32>) -> Result<Size> {
    match (first, last) {
        (None, None) => Ok(Size::First(DEFAULT_PAGE)),
        (Some(first), None) => count("first", first).map(Size::First),
        (None, Some(last)) => count("last", last).map(Size::Last),
        (Some(_), Some(_)) => Err(Code::BadUserInput.error(
            "`first` and `last` are both given: pass `first` for a page from the beginning, or `last` for one from the end.",
        )),
    }
}

fn count(name: &str, count: i32) -> Result<u64> {
    u64::try_from(count)
        .ok()
        .filter(|count| (1..=MAX_PAGE).contains(count))
        .ok_or_else(|| {
            let message = format!("`{name}` is {count}; it must be from 1 to {MAX_PAGE}.");
            Code::BadUserInput.error(message)
        })
}

fn cursor(name: &str, text: Option<String>) -> Result<Option<Cursor>> {
    let cursor = text.map(|text| text.parse()).transpose();
    cursor.map_err(|error| Code::BadUserInput.error(format!("`{name}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(first: Option<i32>, after: Option<&str>, last: Option<i32>) -> Result<Page> {
        let after = after.map(str::to_owned);
        super::page((first, after), (last, None), None)
    }

    #[test]
    fn defaults_to_twenty_from_the_beginning() {
        assert_eq!(page(None, None, None).unwrap().size, Size::First(20));
        assert_eq!(page(None, None, Some(3)).unwrap().size, Size::Last(3));
    }

    #[test]
    fn refuses_what_it_cannot_give() {
        insta::assert_snapshot!(page(Some(101), None, None).unwrap_err().message, @"`first` is 101; it must be from 1 to 100.");
        insta::assert_snapshot!(page(None, None, Some(0)).unwrap_err().message, @"`last` is 0; it must be from 1 to 100.");
        insta::assert_snapshot!(page(Some(1), None, Some(1)).unwrap_err().message, @"`first` and `last` are both given: pass `first` for a page from the beginning, or `last` for one from the end.");
        assert!(page(None, Some("nonsense"), None).is_err());
    }
}
