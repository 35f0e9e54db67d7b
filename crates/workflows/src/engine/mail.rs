//! What happens to a run from outside: messages, events, the ends of runs that it started.

use std::sync::Arc;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::event::Event;
use jackfield_storage::event_wait::{self, EventWait};
use jackfield_storage::ids::StepId;
use jackfield_storage::run;
use jackfield_storage::signal::{self, Signal, SignalKind};
use jackfield_storage::{Json, StorageError};
use serde::Deserialize;
use serde_json::json;

use super::drive::Driver;
use super::failure::{Failure, UNCERTAIN};
use super::park::Parked;
use super::prepare::value;
use crate::approval::{Decided, Decision};
use crate::definition::{DATA_OUT, Definition};
use crate::expression::{ExpressionError, Scope};
use crate::machine::{Ending, Happened, NodeState, Place};
use crate::nodes::approval::{APPROVED, REJECTED};
use crate::run::Resolution;

/// Why somebody cancels a run.
#[derive(Deserialize)]
struct Cancel {
    #[serde(default)]
    reason: Option<String>,
}

impl Driver {
    /// Whether something happened that the run has not looked at.
    pub(super) fn has_mail(&self) -> bool {
        self.run.signal.max(*self.mail.borrow()) > self.looked
    }

    /// Looks at everything that happened.
    pub(super) async fn look(&mut self) -> Result<(), StorageError> {
        self.run.signal = self.run.signal.max(*self.mail.borrow_and_update());
        self.looked = self.run.signal;
        let permit = Permit::<Read>::system(self.run.workspace_id, "engine");
        let store = self.shared.workflows.0.store.clone();
        for signal in signal::of_run(store.reader(), &permit, self.run.id).await? {
            self.besides.consumed.push(signal.id);
            self.obey(&signal);
        }
        self.look_for_turns().await?;
        let waits = |parked: &Parked| matches!(parked, Parked::Event(_));
        if self.parked.values().any(waits) {
            self.unlooked = false;
            let known = event_wait::of_run(store.reader(), &permit, self.run.id).await?;
            self.look_for_events(known).await?;
        }
        let waits = |parked: &Parked| matches!(parked, Parked::Run(_));
        if self.parked.values().any(waits) {
            for child in run::children(store.reader(), &permit, &[self.run.id]).await? {
                let place = child.parent_step_id.and_then(|step| self.place_of(step));
                if let (Some(place), true) = (place, child.status.is_finished()) {
                    self.child_over(&place, &child);
                }
            }
        }
        Ok(())
    }

    /// Where the step is that waits.
    fn place_of(&self, step: StepId) -> Option<Place> {
        let here = |place: &&Place| self.step(place).is_some_and(|row| row.id == step);
        self.parked.keys().find(here).cloned()
    }

    fn obey(&mut self, signal: &Signal) {
        match signal.kind {
            SignalKind::Cancel => {
                let cancel = signal.body.parse::<Cancel>().ok();
                let reason = cancel.and_then(|cancel| cancel.reason);
                self.cancelled = Some(reason.unwrap_or_else(|| "somebody cancelled it".to_owned()));
                self.happened(Happened::Stopped {
                    ending: Ending::Cancelled,
                });
            }
            SignalKind::Decide => {
                let place = signal.step_id.and_then(|step| self.place_of(step));
                let decided = signal.body.parse::<Decided>();
                if let (Some(place), Ok(decided)) = (place, decided) {
                    self.parked.remove(&place);
                    let port = match decided.decision {
                        Decision::Approved => APPROVED,
                        Decision::Rejected => REJECTED,
                    };
                    self.arrive(&place, port, signal.body.clone());
                }
            }
            SignalKind::Resolve => {
                let uncertain = self.frames.iter().find_map(|(path, frame)| {
                    let mut rows = frame.rows.iter();
                    let (node, _) = rows.find(|(_, row)| Some(row.id) == signal.step_id)?;
                    Some(Place {
                        node: *node,
                        path: path.clone(),
                    })
                });
                let resolution = signal.body.parse::<Resolution>();
                if let (Some(place), Ok(resolution)) = (uncertain, resolution) {
                    self.resolve(&place, resolution);
                }
            }
        }
    }

    /// Goes on from an uncertain step as a person says.
    fn resolve(&mut self, place: &Place, resolution: Resolution) {
        let state = self.state.node(&self.definition, place);
        if !matches!(state, NodeState::Uncertain { .. }) {
            return;
        }
        match resolution {
            Resolution::Retry => {
                self.allowed.insert(place.clone());
                let row = self.row(place);
                row.status = jackfield_storage::step::StepStatus::Running;
                row.error = None;
                self.happened(Happened::Again { place });
            }
            Resolution::Succeed { output } => {
                self.arrive(place, DATA_OUT, output.unwrap_or_else(Json::null));
            }
            Resolution::Fail => {
                let message = "somebody decided that the step counts as failed";
                self.failed(place, &Failure::new(UNCERTAIN, message), None, None);
            }
        }
    }

    /// Looks at the events that could be the ones waited for.
    async fn look_for_events(&mut self, known: Vec<EventWait>) -> Result<(), StorageError> {
        let store = self.shared.workflows.0.store.clone();
        for wait in known {
            let (Some(place), Some(from)) = (self.place_of(wait.step_id), wait.look_from()) else {
                continue;
            };
            let until = store.head().await?;
            let from = from.max(self.taken + 1);
            let filter = Filter {
                definition: self.definition.clone(),
                place: place.clone(),
                scope: self.scope(&place.path),
            };
            let mut fault = None;
            let found = event_wait::next_match(store.reader(), &wait, (from, until), |event| {
                wait.matches(event)
                    && filter.passes(event).unwrap_or_else(|error| {
                        fault = Some(error);
                        true
                    })
            });
            let found = found.await?;
            if let Some(error) = fault {
                self.unpark(&place);
                self.waits.remove(&place);
                self.failed(&place, &error.into(), None, None);
            } else if let Some(event) = found {
                self.taken = self.taken.max(event.position);
                self.unpark(&place);
                self.arrive(&place, DATA_OUT, seen(&event));
            } else {
                let looked = EventWait {
                    since: until.max(wait.since),
                    ..wait
                };
                self.besides.event_waits.push(looked);
            }
        }
        Ok(())
    }
}

/// The filter of a node that waits, with what it sees besides the event.
struct Filter {
    definition: Arc<Definition>,
    place: Place,
    scope: Arc<Scope>,
}

impl Filter {
    /// Whether it lets an event through.
    fn passes(&self, event: &Event) -> Result<bool, ExpressionError> {
        let Some(filter) = &self.definition.node(self.place.node).filter else {
            return Ok(true);
        };
        let scope = Scope {
            event: Some(value(&seen(event))),
            ..Scope::clone(&self.scope)
        };
        Ok(filter.evaluate(&Arc::new(scope))?.is_true())
    }
}

/// What is seen of an event.
fn seen(event: &Event) -> Json {
    json!({
        "id": event.id, "type": event.event_type, "data": event.data, "occurredAt": event.occurred_at,
    })
    .into()
}
