//! The writer's task: gather, commit, answer, again.

use std::collections::HashSet;
use std::io;

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::{
    Session,
    batch::{Batch, Entry},
    session::Committer,
    unit::{Answer, Unit},
};
use crate::{changes::Order, ids::RunId};

/// The most units of one batch: beyond this an answer takes longer without more getting done.
const MOST_UNITS: usize = 1_024;

/// A batch up to this size takes all that waits, a larger one half of it: so that, while it is
/// written, others are answered, and send what the next batch is made of.
const WHOLE_UNITS: usize = 128;

/// Starts the task, among the runtime's or, if it has a connection that blocks, on a thread of its own. There it also takes what
/// is waiting the moment that a commit is over, in place of when the runtime gets to it.
pub(super) fn spawn(session: Session, order: Order, queue: mpsc::Receiver<Unit>) -> io::Result<()> {
    let blocks = session.direct.is_some();
    let task = run(session, order, queue);
    if blocks {
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || runtime.block_on(task))?;
    } else {
        tokio::spawn(task);
    }
    Ok(())
}

async fn run(session: Session, order: Order, mut queue: mpsc::Receiver<Unit>) {
    let mut committer = Committer::new(session, order);
    let mut gathered = Vec::with_capacity(MOST_UNITS);
    let mut closers = Vec::new();
    loop {
        // Among the runtime's tasks, those who were just answered get their turn first, so that what
        // they send next is in this batch and not in one of its own.
        tokio::task::yield_now().await;
        let most = (queue.len() / 2).clamp(WHOLE_UNITS, MOST_UNITS);
        if queue.recv_many(&mut gathered, most).await == 0 {
            break;
        }
        commit(&mut committer, &mut gathered, &mut closers).await;
        if !closers.is_empty() {
            queue.close();
        }
    }
    committer.close().await;
    for closer in closers {
        // Nobody waits for the answer any more: fine.
        let _ = closer.send(());
    }
}

async fn commit(
    committer: &mut Committer,
    gathered: &mut Vec<Unit>,
    closers: &mut Vec<Answer<()>>,
) {
    let mut batch = Batch::default();
    let mut later = Vec::new();
    let mut calls = Vec::new();
    let mut shrink = None;
    let mut advanced: HashSet<RunId> = HashSet::new();
    for unit in gathered.drain(..) {
        match unit {
            Unit::Insert(insert, answer) => batch.push(Entry::Insert(insert, answer)),
            Unit::Inserts(inserts) => {
                for (insert, answer) in inserts {
                    batch.push(Entry::Insert(insert, answer));
                }
            }
            // One statement must not write a row twice: a run's second step forward comes after
            // the batch with the first.
            Unit::Advance(advance, answer) if advanced.insert(advance.run.id) => {
                batch.push(Entry::Advance(advance, answer));
            }
            Unit::Attempts(attempts, answer) => batch.push(Entry::Attempts(attempts, answer)),
            Unit::Advance(advance, answer) => later.push(Entry::Advance(advance, answer)),
            Unit::Call(work) => calls.push(work),
            Unit::Shrink(answer) => shrink = Some(answer),
            Unit::Close(answer) => closers.push(answer),
        }
    }
    committer.commit(batch).await;
    for entry in later {
        committer.commit(Batch::of(entry)).await;
    }
    if !calls.is_empty() {
        committer.perform(calls).await;
    }
    if let Some(answer) = shrink {
        // Nobody waits for the answer any more: fine.
        let _ = answer.send(committer.shrink().await);
    }
}
