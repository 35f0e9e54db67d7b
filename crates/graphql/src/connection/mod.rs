//! Lists in pages, in the form that Relay's cursor connections specification gives them.

mod named;
mod page;

use std::borrow::Cow;

use async_graphql::{Object, ObjectType, OutputType, Result, SimpleObject, TypeName};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jackfield_storage::Slice;
use jackfield_storage::page::Keyed;

use crate::objects::{Objects, Single};
pub use named::NameOrder;
pub use page::{ListOrder, page};

type Count = Box<dyn Fn() -> BoxFuture<'static, Result<u64>> + Send + Sync>;

/// One page of a list.
pub struct Connection<T> {
    edges: Vec<Edge<T>>,
    info: PageInfo,
    count: Count,
}

impl<T> Connection<T> {
    /// A page of rows, each turned into a node. `count` runs only when `totalCount` is selected.
    pub fn new<R: Keyed + Into<T>>(
        slice: Slice<R>,
        count: impl Fn() -> BoxFuture<'static, Result<u64>> + Send + Sync + 'static,
    ) -> Self {
        let edge = |row: R| Edge {
            cursor: row.cursor().to_string(),
            node: row.into(),
        };
        Self::of_edges(slice.of(|rows| rows.into_iter().map(edge).collect()), count)
    }

    /// A page of nothing.
    pub fn empty() -> Self {
        let nothing = Slice {
            items: Vec::new(),
            has_next: false,
            has_previous: false,
        };
        Self::of_edges(nothing, || async { Ok(0) }.boxed())
    }

    /// What is on this page.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.edges.iter().map(|edge| &edge.node)
    }

    /// The same page of what its things stand for; what stands for nothing any more falls out.
    pub fn filter_map<U>(self, mut found: impl FnMut(T) -> Option<U>) -> Connection<U> {
        let edges = self.edges.into_iter().filter_map(|edge| {
            Some(Edge {
                cursor: edge.cursor,
                node: found(edge.node)?,
            })
        });
        Connection {
            edges: edges.collect(),
            info: self.info,
            count: self.count,
        }
    }

    fn of_edges(
        slice: Slice<Edge<T>>,
        count: impl Fn() -> BoxFuture<'static, Result<u64>> + Send + Sync + 'static,
    ) -> Self {
        let edges = slice.items;
        let info = PageInfo {
            has_next_page: slice.has_next,
            has_previous_page: slice.has_previous,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self {
            edges,
            info,
            count: Box::new(count),
        }
    }
}

/// One page of a list.
#[Object(name_type)]
impl<T: ObjectType> Connection<T> {
    /// What is on this page.
    async fn nodes(&self) -> Objects<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// What is on this page, each with its place in the list.
    async fn edges(&self) -> Objects<&Edge<T>> {
        self.edges.iter().collect()
    }

    /// Where this page begins and ends, and whether there are others.
    async fn page_info(&self) -> &PageInfo {
        &self.info
    }

    /// How many there are on all pages. Counted only when it is selected.
    async fn total_count(&self) -> Result<i32> {
        Ok(i32::try_from((self.count)().await?).unwrap_or(i32::MAX))
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// Something in a list, with its place.
pub struct Edge<T> {
    cursor: String,
    node: T,
}

/// Something in a list, with its place.
#[Object(name_type)]
impl<T: ObjectType> Edge<T> {
    /// The place in the list, to be passed as `after` or `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What is at this place.
    async fn node(&self) -> Single<&T> {
        Single(&self.node)
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// Where a page begins and ends, and whether there are others.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether there is a page after this one. With `last` this is whether `before` was given.
    has_next_page: bool,
    /// Whether there is a page before this one. With `first` this is whether `after` was given.
    has_previous_page: bool,
    /// The place of the first thing on this page, to be passed as `before` for the one before it; null when the page is empty.
    start_cursor: Option<String>,
    /// The place of the last thing on this page, to be passed as `after` for the next one; null when the page is empty.
    end_cursor: Option<String>,
}
