//! Steps that wait for something outside: a row, and no task.

use jackfield_storage::event_wait::EventWait;
use jackfield_storage::ids::{RunId, StepId};
use jackfield_storage::run::{Run, RunStatus};
use jackfield_storage::signal::{Signal, SignalKind};
use jackfield_storage::step::StepStatus;
use jackfield_storage::{Json, NewRun, Parent, Timestamp};
use serde_json::json;

use super::Shared;
use super::child::Starting;
use super::drive::Driver;
use super::failure::{CHILD_FAILED, Failure, NODE_FAILED, TIMEOUT as TIMED_OUT, TOO_DEEP};
use super::prepare::value;
use crate::definition::{DATA_OUT, TIMEOUT};
use crate::expression::StepOutput;
use crate::machine::{Happened, Place};
use crate::nodes::{Behaviour, Wait, delay, run_workflow, wait, wait_for_event};

/// What a step waits for.
#[derive(Debug)]
pub(super) enum Parked {
    /// An instant.
    Instant,
    /// An event.
    Event(StepId),
    /// A person.
    Person,
    /// The end of a run.
    Run(RunId),
}

impl Driver {
    /// Begins to wait, as an evaluated config says.
    pub(super) fn park(&mut self, place: &Place, what: Wait, config: &Json) {
        let begun = match what {
            Wait::Delay => self.delay(config),
            Wait::Approval => self
                .deadline(place, config)
                .map(|until| (Parked::Person, until)),
            Wait::Event => self.event(place, config),
            Wait::Workflow => self.child(place, config),
        };
        let (parked, until) = match begun {
            Ok(begun) => begun,
            Err(failure) => return self.failed(place, &failure, None, None),
        };
        let row = self.row(place);
        row.status = StepStatus::Waiting;
        row.wake_at = until;
        self.parked.insert(place.clone(), parked);
        self.happened(Happened::Parked { place, until });
    }

    fn delay(&self, config: &Json) -> Result<(Parked, Option<Timestamp>), Failure> {
        let until = delay::until(&config.value(), self.now()).map_err(faulty)?;
        Ok((Parked::Instant, Some(until)))
    }

    /// When a wait is over that has not come to its end: as its config says, or the node.
    fn deadline(&self, place: &Place, config: &Json) -> Result<Option<Timestamp>, Failure> {
        let now = self.now();
        let asked = wait::deadline(&config.value(), now).map_err(faulty)?;
        let of_node = self.definition.node(place.node).timeout;
        Ok(asked.or(of_node.map(|timeout| now.after(timeout))))
    }

    fn event(
        &mut self,
        place: &Place,
        config: &Json,
    ) -> Result<(Parked, Option<Timestamp>), Failure> {
        let wanted = wait_for_event::read(&config.value()).map_err(faulty)?;
        let until = self.deadline(place, config)?;
        // What was stored since the step before began counts: its effect may be quicker than its answer.
        let since = self.run.revision.max(self.taken);
        let correlation = wanted.correlation;
        let wait = EventWait {
            step_id: self.row(place).id,
            run_id: self.run.id,
            workspace_id: self.run.workspace_id,
            event_type: wanted.event_type,
            match_path: correlation.as_ref().map(|wanted| wanted.field.clone()),
            match_value: correlation.map(|wanted| wanted.value.to_string()),
            since,
            hint: Some(since + 1),
        };
        let step = wait.step_id;
        self.besides.event_waits.push(wait);
        self.unlooked = true;
        Ok((Parked::Event(step), until))
    }

    /// Starts a run in the commit that says that the step waits for it.
    fn child(
        &mut self,
        place: &Place,
        config: &Json,
    ) -> Result<(Parked, Option<Timestamp>), Failure> {
        let wanted = run_workflow::read(&config.value()).map_err(faulty)?;
        let depth = self.run.depth + 1;
        if depth > run_workflow::MAX_DEPTH {
            let message = format!(
                "runs may be at most {} deep; the workflows start each other in a circle",
                run_workflow::MAX_DEPTH
            );
            return Err(Failure::new(TOO_DEEP, message));
        }
        let run = self.shared.workflows.0.store.clock().id();
        let step = self.row(place).id;
        self.starting.push(Starting {
            place: place.clone(),
            run,
            workflow: wanted.workflow_id,
            input: wanted.input,
            parent: Parent {
                run_id: self.run.id,
                step_id: Some(step),
                depth,
            },
        });
        let node = self.definition.node(place.node);
        let until = node.timeout.map(|timeout| self.now().after(timeout));
        Ok((Parked::Run(run), until))
    }

    /// The step waits no longer; what it waited for is told so.
    pub(super) fn unpark(&mut self, place: &Place) {
        let Some(parked) = self.parked.remove(place) else {
            return;
        };
        match parked {
            Parked::Event(step) => {
                self.besides.event_waits.retain(|wait| wait.step_id != step);
                self.besides.unwait.push(step);
            }
            Parked::Run(run) if self.starts_no_more(run) => {}
            Parked::Run(run) => {
                let signal = no_longer_wanted(&self.shared, &self.run, run);
                self.besides.signals.push(signal);
            }
            Parked::Instant | Parked::Person => {}
        }
    }

    /// Takes back the start of a run; false when it is on disk already.
    fn starts_no_more(&mut self, run: RunId) -> bool {
        let begun = |starting: &Starting| starting.run == run;
        let planned = |new: &NewRun| new.id == run;
        let taken_back = self.starting.iter().any(begun) || self.besides.runs.iter().any(planned);
        self.starting.retain(|starting| !begun(starting));
        self.besides.runs.retain(|new| !planned(new));
        taken_back
    }

    /// The instant came until which a step waits.
    pub(super) fn waited(&mut self, place: &Place) {
        let until = self.row(place).wake_at;
        let kind = &self.definition.node(place.node).kind;
        if matches!(kind.behaviour, Behaviour::Wait(Wait::Delay)) {
            self.parked.remove(place);
            let output = json!({"until": until.map(|until| until.to_string())});
            return self.arrive(place, DATA_OUT, output.into());
        }
        self.unpark(place);
        if self.definition.has_edge_from(place.node, TIMEOUT) {
            return self.arrive(place, TIMEOUT, json!({"timeout": true}).into());
        }
        let message = "it was waited for in vain, and nothing hangs on the port `timeout`";
        self.failed(place, &Failure::new(TIMED_OUT, message), None, None);
    }

    /// A wait came to its end.
    pub(super) fn arrive(&mut self, place: &Place, port: &str, json: Json) {
        self.waits.remove(place);
        let output = StepOutput {
            output: value(&json),
            port: port.into(),
        };
        self.succeeded(place, output, json);
    }

    /// The run that a step waits for is over.
    pub(super) fn child_over(&mut self, place: &Place, child: &Run) {
        self.parked.remove(place);
        self.waits.remove(place);
        if child.status == RunStatus::Succeeded {
            let output = child.output.clone().unwrap_or_else(Json::null);
            return self.arrive(place, DATA_OUT, output);
        }
        let message = format!("{} ended as {}", child.id, child.status);
        let failure = Failure {
            data: child.error.as_ref().map(Json::raw),
            ..Failure::new(CHILD_FAILED, message)
        };
        self.failed(place, &failure, None, None);
    }
}

/// Cancels a run, as nobody waits for it any more.
pub(super) fn no_longer_wanted(shared: &Shared, parent: &Run, child: RunId) -> Signal {
    let clock = shared.workflows.0.store.clock();
    let reason = format!("the step of {} that waits for it is over", parent.id);
    Signal {
        id: clock.id(),
        workspace_id: parent.workspace_id,
        run_id: child,
        step_id: None,
        kind: SignalKind::Cancel,
        body: json!({"reason": reason}).into(),
        created_at: clock.now(),
    }
}

fn faulty(message: String) -> Failure {
    Failure::new(NODE_FAILED, message)
}
