//! Lists in pages, in the form that Relay's cursor connections specification gives them.

mod page;

use std::borrow::Cow;

use async_graphql::{Object, ObjectType, OutputType, Result, SimpleObject, TypeName};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jackfield_storage::Slice;
use jackfield_storage::page::Keyed;

use crate::objects::{Objects, Single};
pub use page::page;

type Count = Box<dyn Fn() -> BoxFuture<'static, Result<u64>> + Send + Sync>;

/// One page of a list.
pub struct Connection<T> {
    edges: Vec<Edge<T>>,
    info: PageInfo,
    count: Count,
}

impl<T> Connection<T> {
    /// A page of rows, newest first, each turned into a node. `count` runs only when `totalCount` is selected.
    pub fn new<R: Keyed + Into<T>>(
        slice: Slice<R>,
        follows_another: bool,
        count: impl Fn() -> BoxFuture<'static, Result<u64>> + Send + Sync + 'static,
    ) -> Self {
        let has_next_page = slice.has_next;
        let edge = |row: R| Edge {
            cursor: row.cursor().to_string(),
            node: row.into(),
        };
        let edges = slice.items.into_iter().map(edge).collect();
        Self::of_edges(edges, has_next_page, follows_another, count)
    }
}

impl<T> Connection<T> {
    /// A page of what is in memory: things sorted by a name that nothing else has.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` when `first` is not within 1 to 100.
    pub fn of_named(
        all: Vec<(String, T)>,
        first: Option<i32>,
        after: Option<&str>,
    ) -> Result<Self> {
        let size = usize::try_from(page(first, None)?.first)?;
        let total = all.len() as u64;
        let mut rest: Vec<_> = all
            .into_iter()
            .filter(|(name, _)| after.is_none_or(|after| name.as_str() > after))
            .collect();
        let has_next_page = rest.len() > size;
        rest.truncate(size);
        let edges = rest
            .into_iter()
            .map(|(cursor, node)| Edge { cursor, node })
            .collect();
        Ok(Self::of_edges(
            edges,
            has_next_page,
            after.is_some(),
            move || async move { Ok(total) }.boxed(),
        ))
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
        edges: Vec<Edge<T>>,
        has_next_page: bool,
        has_previous_page: bool,
        count: impl Fn() -> BoxFuture<'static, Result<u64>> + Send + Sync + 'static,
    ) -> Self {
        let info = PageInfo {
            has_next_page,
            has_previous_page,
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
    /// The place in the list, to be passed as `after`.
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
    /// Whether there is a page after this one.
    has_next_page: bool,
    /// Whether there is a page before this one. Lists are read forwards only; this is true exactly when `after` was given.
    has_previous_page: bool,
    /// The place of the first thing on this page; null when the page is empty.
    start_cursor: Option<String>,
    /// The place of the last thing on this page, to be passed as `after` for the next one; null when the page is empty.
    end_cursor: Option<String>,
}
