//! In which order changes are told.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, mpsc},
    time::timeout,
};

use super::{Change, Elsewhere};
use crate::writer::Matching;

/// How long a batch of this process waits for the notification of one before it, which has nearly
/// always come by then.
const PATIENCE: Duration = Duration::from_millis(20);

/// What is heard from the other processes on the database.
#[derive(Debug)]
pub(crate) enum Heard {
    /// One of them committed this.
    Committed(Elsewhere),
    /// The head is here; whatever is not known to lie before it may be anything.
    Head(i64),
}

/// Sends changes to followers, what was committed before what was committed later.
pub(crate) struct Order {
    followers: broadcast::Sender<Arc<[Change]>>,
    matching: Matching,
    /// Absent where this process is alone.
    heard: Option<mpsc::UnboundedReceiver<Heard>>,
    /// Everything up to here was told.
    told: i64,
    /// What was told beyond it.
    ahead: BTreeMap<i64, i64>,
}

impl Order {
    pub fn new(
        followers: broadcast::Sender<Arc<[Change]>>,
        matching: Matching,
        heard: Option<mpsc::UnboundedReceiver<Heard>>,
        head: i64,
    ) -> Self {
        Self {
            followers,
            matching,
            heard,
            told: head,
            ahead: BTreeMap::new(),
        }
    }

    /// Whether anybody wants to know.
    pub fn is_followed(&self) -> bool {
        self.followers.receiver_count() > 0
    }

    /// Waits for the next thing from elsewhere and tells it. Never returns where there is no elsewhere.
    pub async fn hear(&mut self) {
        let heard = match &mut self.heard {
            Some(heard) => heard.recv().await,
            None => std::future::pending().await,
        };
        match heard {
            Some(heard) => self.elsewhere(heard),
            None => self.heard = None,
        }
    }

    /// Tells what this process committed at the positions after `base`, up to `head`.
    pub async fn here(&mut self, base: i64, head: i64, changes: Vec<Change>) {
        while self.told < base && self.heard.is_some() {
            if timeout(PATIENCE, self.hear()).await.is_err() {
                self.elsewhere(Heard::Head(base));
            }
        }
        self.send(changes);
        self.cover(base, head);
    }

    fn elsewhere(&mut self, heard: Heard) {
        let what = match heard {
            Heard::Committed(what) => what,
            Heard::Head(head) => Elsewhere::unknown(self.told, head),
        };
        if what.upto() <= self.told {
            return;
        }
        // It may be told before a batch of this process that is still to be answered: whomever it
        // concerns reads that one from the database too.
        let (after, upto) = (what.after(), what.upto());
        let changes = vec![Change::Elsewhere(Arc::new(what))];
        self.note(&changes);
        self.send(changes);
        self.cover(after, upto);
    }

    fn cover(&mut self, after: i64, upto: i64) {
        if after > self.told {
            self.ahead.insert(after, upto);
            return;
        }
        self.told = self.told.max(upto);
        while let Some(next) = self.ahead.first_entry()
            && *next.key() <= self.told
        {
            self.told = self.told.max(next.remove());
        }
    }

    /// Takes note of what was committed, before those who asked for it are answered.
    pub fn note(&self, changes: &[Change]) {
        self.matching.note(changes);
    }

    fn send(&self, changes: Vec<Change>) {
        if !changes.is_empty() {
            // Fails when nobody follows: fine.
            let _ = self.followers.send(changes.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> (
        Order,
        mpsc::UnboundedSender<Heard>,
        broadcast::Receiver<Arc<[Change]>>,
    ) {
        let (followers, changes) = broadcast::channel(16);
        let (says, heard) = mpsc::unbounded_channel();
        (
            Order::new(followers, Matching::default(), Some(heard), 10),
            says,
            changes,
        )
    }

    fn told(changes: &mut broadcast::Receiver<Arc<[Change]>>) -> Vec<(i64, i64)> {
        let mut all = Vec::new();
        while let Ok(batch) = changes.try_recv() {
            for change in batch.iter() {
                let Change::Elsewhere(what) = change else {
                    continue;
                };
                all.push((what.after(), what.upto()));
            }
        }
        all
    }

    #[tokio::test]
    async fn a_batch_from_here_comes_after_those_before_it() {
        let (mut order, says, mut changes) = order();
        let what = Elsewhere::new(10, 12, super::super::Touched::default());
        says.send(Heard::Committed(what)).unwrap();
        order.here(12, 15, Vec::new()).await;
        assert_eq!(told(&mut changes), [(10, 12)]);
        assert_eq!(order.told, 15);
    }

    #[tokio::test]
    async fn a_lost_notification_is_made_up_for() {
        let (mut order, _says, mut changes) = order();
        order.here(20, 22, Vec::new()).await;
        assert_eq!(told(&mut changes), [(10, 20)]);
        assert_eq!(order.told, 22);
    }

    #[tokio::test]
    async fn what_is_heard_early_is_told_at_once_and_only_once() {
        let (mut order, says, mut changes) = order();
        let late = || Elsewhere::new(15, 18, super::super::Touched::default());
        says.send(Heard::Committed(late())).unwrap();
        order.hear().await;
        assert_eq!((told(&mut changes), order.told), (vec![(15, 18)], 10));
        order.here(10, 15, Vec::new()).await;
        assert_eq!(order.told, 18);
        says.send(Heard::Committed(late())).unwrap();
        says.send(Heard::Head(18)).unwrap();
        order.hear().await;
        order.hear().await;
        assert_eq!(told(&mut changes), []);
    }
}
