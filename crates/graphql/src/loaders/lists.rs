use std::hash::Hash;

use async_graphql::Result;
use futures_util::FutureExt;
use jackfield_storage::Slice;
use jackfield_storage::page::{Keyed, Page};

use super::batch::Batch;
use crate::connection::Connection;

/// The lists that stand below each thing of another list: their pages, and how long they are. `F` says which list it is, `R` is a
/// row of it.
pub struct Lists<F, R> {
    pages: Batch<(F, Page), Slice<R>>,
    counts: Batch<F, u64>,
}

impl<F, R> Lists<F, R>
where
    F: Hash + Eq + Clone + Send + Sync + 'static,
    R: Keyed + Clone + Send + Sync + 'static,
{
    pub(super) fn new(pages: Batch<(F, Page), Slice<R>>, counts: Batch<F, u64>) -> Self {
        Self { pages, counts }
    }

    /// A page of one of the lists, read together with those that siblings ask for.
    ///
    /// # Errors
    ///
    /// As [`Batch::load`].
    pub async fn page<T: From<R>>(&self, of: F, page: Page) -> Result<Connection<T>> {
        let Some(slice) = self.pages.load((of.clone(), page)).await? else {
            return Ok(Connection::empty());
        };
        let counts = self.counts.clone();
        Ok(Connection::new(slice, move || {
            let (counts, of) = (counts.clone(), of.clone());
            async move { Ok(counts.load(of).await?.unwrap_or_default()) }.boxed()
        }))
    }
}
