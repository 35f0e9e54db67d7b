use async_graphql::{Enum, Result};
use futures_util::FutureExt;
use jackfield_storage::Slice;
use jackfield_storage::page::Size;

use super::page::{Direction, size};
use super::{Connection, Edge};

/// In which order a list of what has names comes.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameOrder {
    /// From A to Z.
    #[default]
    AToZ,
    /// From Z to A.
    ZToA,
}

impl<T> Connection<T> {
    /// A page of what is in memory: things sorted by a name that nothing else has.
    ///
    /// # Errors
    ///
    /// As [`page`](super::page::page), but that any cursor is taken.
    pub fn of_named(
        all: Vec<(String, T)>,
        (first, after): Direction,
        (last, before): Direction,
        order: Option<NameOrder>,
    ) -> Result<Self> {
        let order = order.unwrap_or_default();
        let size = size(first, last)?;
        let total = all.len() as u64;
        let (above, below) = match order {
            NameOrder::AToZ => (after.as_ref(), before.as_ref()),
            NameOrder::ZToA => (before.as_ref(), after.as_ref()),
        };
        let mut between: Vec<_> = all
            .into_iter()
            .filter(|(name, _)| above.is_none_or(|above| name > above))
            .filter(|(name, _)| below.is_none_or(|below| name < below))
            .collect();
        if order == NameOrder::ZToA {
            between.reverse();
        }
        let slice = cut(between, size, after.is_some(), before.is_some());
        let edge = |(cursor, node)| Edge { cursor, node };
        let edges = slice.of(|items| items.into_iter().map(edge).collect());
        Ok(Self::of_edges(edges, move || {
            async move { Ok(total) }.boxed()
        }))
    }
}

fn cut<T>(mut items: Vec<T>, size: Size, after: bool, before: bool) -> Slice<T> {
    let (Size::First(wanted) | Size::Last(wanted)) = size;
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let more = items.len() > wanted;
    let (has_next, has_previous) = match size {
        Size::First(_) => (more, after),
        Size::Last(_) => (before, more),
    };
    match size {
        Size::First(_) => items.truncate(wanted),
        Size::Last(_) => drop(items.drain(..items.len().saturating_sub(wanted))),
    }
    Slice {
        items,
        has_next,
        has_previous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(forward: Direction, backward: Direction, order: NameOrder) -> (String, bool, bool) {
        let all = ["a", "b", "c", "d"].map(|name| (name.to_owned(), name));
        let page = Connection::of_named(all.into(), forward, backward, Some(order)).unwrap();
        let names = page.items().copied().collect();
        (names, page.info.has_next_page, page.info.has_previous_page)
    }

    #[test]
    fn pages_go_forwards_and_backwards() {
        let at = |name: &str| Some(name.to_owned());
        let none = || (None, None);
        let (up, down) = (NameOrder::AToZ, NameOrder::ZToA);
        let is = |names: &str, next, previous| (names.to_owned(), next, previous);

        assert_eq!(page((Some(2), None), none(), up), is("ab", true, false));
        assert_eq!(page((Some(2), at("b")), none(), up), is("cd", false, true));
        assert_eq!(page(none(), (Some(2), at("d")), up), is("bc", true, true));
        assert_eq!(page(none(), (Some(9), at("c")), up), is("ab", true, false));
        assert_eq!(
            page((Some(2), at("c")), none(), down),
            is("ba", false, true)
        );
    }
}
