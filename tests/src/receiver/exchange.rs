use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::watch;
use tokio::time::timeout;

/// What became of the requests that arrived.
#[derive(Default)]
pub(super) struct Exchanges(watch::Sender<Counts>);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    open: usize,
    most: usize,
    abandoned: usize,
}

/// A request that waits for its answer. It is abandoned when its client goes before that: the server then drops it.
pub(super) struct Exchange {
    exchanges: Arc<Exchanges>,
    answered: bool,
}

impl Exchanges {
    pub(super) fn most(&self) -> usize {
        self.0.borrow().most
    }

    pub(super) async fn wait_for_abandoned(&self, count: usize) -> Result<()> {
        let mut counts = self.0.subscribe();
        let abandoned = counts.wait_for(|counts| counts.abandoned >= count);
        let abandoned = timeout(Duration::from_secs(20), abandoned).await;
        abandoned.with_context(|| {
            format!(
                "waited for {count} clients to go, saw {:?}",
                *self.0.borrow()
            )
        })??;
        Ok(())
    }
}

impl Exchange {
    pub(super) fn begin(exchanges: &Arc<Exchanges>) -> Self {
        exchanges.0.send_modify(|counts| {
            counts.open += 1;
            counts.most = counts.most.max(counts.open);
        });
        Self {
            exchanges: Arc::clone(exchanges),
            answered: false,
        }
    }

    pub(super) fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.exchanges.0.send_modify(|counts| {
            counts.open -= 1;
            counts.abandoned += usize::from(!self.answered);
        });
    }
}
