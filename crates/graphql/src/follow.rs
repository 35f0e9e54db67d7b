//! Following a log without a gap: what was stored after a cursor is read first, then what is committed is told, and
//! where the two overlap each thing is shown once.

use std::collections::VecDeque;

use async_graphql::Result;
use futures_util::{Stream, stream};
use jackfield_storage::{Change, Changes, Elsewhere};
use tokio::sync::broadcast::error::RecvError;

/// How many things are read at once while catching up.
pub const BATCH: u64 = 200;

/// What is followed.
pub trait Source: Send + Sync + 'static {
    /// One thing to show.
    type Item: Send + 'static;

    /// What is stored after a position, in the order of positions; fewer than [`BATCH`] when that is all.
    fn read(&self, after: i64) -> impl Future<Output = Result<Read<Self::Item>>> + Send;

    /// What a committed change is to the follower; `None` when it is not wanted.
    fn see(&self, change: &Change) -> Option<Self::Item>;

    /// Whether what another node committed may be wanted: then it is read.
    fn may_see(&self, elsewhere: &Elsewhere) -> bool;

    /// Whether nothing comes after this.
    fn is_last(&self, item: &Self::Item) -> bool;
}

/// What was read.
pub struct Read<T> {
    /// Each with its position.
    pub items: Vec<(i64, T)>,
    /// Whether there may be more to read.
    pub more: bool,
    /// Whether nothing comes after these.
    pub ended: bool,
}

struct Follower<S: Source> {
    source: S,
    changes: Changes,
    /// The position of the last thing that was shown, or after which to start.
    position: i64,
    waiting: VecDeque<(i64, S::Item)>,
    /// Whether there may be something in the database that the feed does not tell.
    behind: bool,
    ended: bool,
}

/// Shows what comes after `position`. `changes` must have been subscribed to before `position` was read.
///
/// With `behind`, reading begins at once; without it, nothing is stored after `position` yet.
pub fn follow<S: Source>(
    source: S,
    changes: Changes,
    position: i64,
    behind: bool,
) -> impl Stream<Item = Result<(i64, S::Item)>> + Send {
    let follower = Follower {
        source,
        changes,
        position,
        waiting: VecDeque::new(),
        behind,
        ended: false,
    };
    stream::unfold(Some(follower), |follower| async move {
        let mut follower = follower?;
        match follower.next().await {
            Some(Ok(item)) => Some((Ok(item), Some(follower))),
            Some(Err(error)) => Some((Err(error), None)),
            None => None,
        }
    })
}

impl<S: Source> Follower<S> {
    async fn next(&mut self) -> Option<Result<(i64, S::Item)>> {
        loop {
            if let Some((position, item)) = self.waiting.pop_front() {
                // What is both read and told comes up twice.
                if position <= self.position {
                    continue;
                }
                self.position = position;
                self.ended |= self.source.is_last(&item);
                return Some(Ok((position, item)));
            }
            if self.ended {
                return None;
            }
            if self.behind {
                if let Err(error) = self.catch_up().await {
                    return Some(Err(error));
                }
                continue;
            }
            match self.changes.recv().await {
                Ok(batch) => self.take(&batch),
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    async fn catch_up(&mut self) -> Result<()> {
        let read = self.source.read(self.position).await?;
        self.behind = read.more;
        self.ended = read.ended && !read.more;
        self.waiting.extend(read.items);
        Ok(())
    }

    fn take(&mut self, batch: &[Change]) {
        for change in batch {
            if let Change::Elsewhere(what) = change {
                self.behind |= self.source.may_see(what);
            } else if let Some(item) = self.source.see(change) {
                self.waiting.push_back((change.position(), item));
            }
        }
    }
}
