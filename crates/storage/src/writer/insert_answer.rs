use std::sync::Arc;

use super::batch::Earlier;
use super::unit::{Answer, Appended, Started};
use crate::{StorageError, event::Event, run::Run};

/// Whom to tell what became of an [`Insert`](super::unit::Insert).
pub(super) enum InsertAnswer {
    Append(Answer<Result<Appended, StorageError>>),
    Start(Answer<Result<Started, StorageError>>),
}

// A caller that no longer waits has no use for the answer, so a failed send is nothing.
impl InsertAnswer {
    pub fn stored(self, event: Option<Arc<Event>>, mut runs: Vec<Run>) {
        match self {
            Self::Append(answer) => {
                let Some(event) = event else { return };
                let _ = answer.send(Ok(Appended {
                    event_id: event.id,
                    position: event.position,
                    event: Some(event),
                    dedupe_hash: None,
                    runs,
                    duplicate: false,
                }));
            }
            Self::Start(answer) => {
                let Some(run) = runs.pop() else { return };
                let _ = answer.send(Ok(Started {
                    run_id: run.id,
                    run: Some(run),
                    duplicate: false,
                }));
            }
        }
    }

    pub fn duplicate(self, earlier: Earlier) {
        match (self, earlier) {
            (Self::Append(answer), Earlier::Event(event_id, position, dedupe_hash)) => {
                let _ = answer.send(Ok(Appended {
                    event_id,
                    position,
                    event: None,
                    dedupe_hash,
                    runs: Vec::new(),
                    duplicate: true,
                }));
            }
            (Self::Start(answer), Earlier::Run(run_id)) => {
                let _ = answer.send(Ok(Started {
                    run_id,
                    run: None,
                    duplicate: true,
                }));
            }
            (Self::Append(_), Earlier::Run(_)) | (Self::Start(_), Earlier::Event(..)) => {}
        }
    }

    pub fn fail(self, error: StorageError) {
        match self {
            Self::Append(answer) => {
                let _ = answer.send(Err(error));
            }
            Self::Start(answer) => {
                let _ = answer.send(Err(error));
            }
        }
    }
}
