//! What attempts come to.

use std::time::Duration;

use jackfield_plugin_host::UNCERTAIN;
use jackfield_plugin_host::messages::{CallError, Outcome};
use jackfield_storage::Json;
use jackfield_storage::step::StepStatus;

use super::call::{Came, Returned};
use super::drive::Driver;
use super::failure::{self, Failure, OUTPUT_TOO_LARGE, PLUGIN_FAULT};
use super::prepare::value;
use crate::definition::ERROR;
use crate::expression::{MAX_OUTPUT, StepOutput};
use crate::machine::{Happened, NodeState, Place, Retry};

impl Driver {
    pub(super) fn returned(&mut self, returned: Returned) {
        let Returned { place, result } = returned;
        self.take_back(&place);
        match result {
            Ok(Came::Later(later)) => self.defer(&place, later),
            Ok(Came::Left(outcome)) if outcome.output.get().len() > MAX_OUTPUT => {
                let message = format!(
                    "the output is {} bytes long, but a step may return at most {MAX_OUTPUT}",
                    outcome.output.get().len()
                );
                let failure = Failure::new(OUTPUT_TOO_LARGE, message);
                self.failed(&place, &failure, None, None);
            }
            Ok(Came::Left(outcome)) => self.left(&place, outcome),
            Err(error) if error.code == UNCERTAIN => self.unknown(&place, &error.into()),
            Err(error) => {
                let retry = retry_of(&error);
                self.failed(&place, &error.into(), None, retry);
            }
        }
    }

    fn left(&mut self, place: &Place, outcome: Outcome) {
        let ports = &self.definition.node(place.node).kind.outputs;
        if !ports.iter().any(|port| port.name == outcome.port) {
            let message = format!(
                "the node left by a port `{}` that its manifest does not name",
                outcome.port
            );
            return self.failed(place, &Failure::new(PLUGIN_FAULT, message), None, None);
        }
        let json = Json::from(outcome.output);
        if outcome.port == ERROR {
            let retry = outcome.retry.map(|retry| Retry {
                after: retry.after_ms.map(Duration::from_millis),
            });
            let failure = failure::of_error_output(json.as_str());
            return self.failed(place, &failure, Some(json), retry);
        }
        let output = StepOutput {
            output: value(&json),
            port: outcome.port.into(),
        };
        self.succeeded(place, output, json);
    }

    pub(super) fn succeeded(&mut self, place: &Place, output: StepOutput, json: Json) {
        let now = self.now();
        let port = output.port.clone();
        let row = self.row(place);
        row.status = StepStatus::Succeeded;
        row.output = Some(json);
        row.error = None;
        row.port = Some(port.to_string());
        row.wake_at = None;
        row.finished_at = Some(now);
        self.forget(place);
        self.show(place, output);
        self.happened(Happened::Finished { place, port: &port });
    }

    fn show(&mut self, place: &Place, output: StepOutput) {
        if let Some(frame) = self.frames.get_mut(&place.path) {
            frame.show(place.node, output);
        }
    }

    /// Nobody knows whether an attempt happened: a person is asked.
    pub(super) fn unknown(&mut self, place: &Place, failure: &Failure) {
        self.happened(Happened::Unknown { place });
        let row = self.row(place);
        row.status = StepStatus::Uncertain;
        row.error = Some(failure.json());
    }

    /// An attempt failed. With `output`, that is what leaves by the `error` port; otherwise the failure itself does.
    pub(super) fn failed(
        &mut self,
        place: &Place,
        failure: &Failure,
        output: Option<Json>,
        retry: Option<Retry>,
    ) {
        let now = self.now();
        let random = self.random();
        self.happened(Happened::Failed {
            place,
            retry,
            now,
            random,
        });
        self.forget(place);
        if let NodeState::Waiting { attempt, until } = self.state.node(&self.definition, place) {
            let row = self.row(place);
            row.error = Some(failure.json());
            row.status = StepStatus::Waiting;
            row.attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
            row.wake_at = Some(until);
            return;
        }
        let caught = self.definition.has_edge_from(place.node, ERROR);
        let output = match caught {
            true => Some(output.unwrap_or_else(|| failure.output())),
            false => output,
        };
        if let Some(output) = &output {
            let shown = StepOutput {
                output: value(output),
                port: ERROR.into(),
            };
            self.show(place, shown);
        }
        let row = self.row(place);
        row.error = Some(failure.json());
        row.status = StepStatus::Failed;
        row.output = output;
        row.port = caught.then(|| ERROR.to_owned());
        row.wake_at = None;
        row.finished_at = Some(now);
    }

    /// A number from 0 to 1.
    fn random(&self) -> f64 {
        let mut bytes = [0; 4];
        self.shared.workflows.0.store.clock().random(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

fn retry_of(error: &CallError) -> Option<Retry> {
    error.retryable.then(|| Retry {
        after: error.retry_after_ms.map(Duration::from_millis),
    })
}
