//! Executing a node: its config evaluated, then what its type does.

use std::sync::Arc;

use jackfield_connected_apps::Tally;
use jackfield_storage::Json;
use jackfield_storage::step::StepStatus;

use super::call::Attempt;
use super::drive::Driver;
use super::facts::Facts;
use super::failure::{self, Failure, OUTPUT_TOO_LARGE};
use super::message::{Held, Unread, has_messages};
use super::prepare::value;
use crate::expression::{Scope, Value, to_json};
use crate::machine::{ItemPath, Place};
use crate::nodes::{self, Behaviour, Logic};

impl Driver {
    pub(super) fn execute(&mut self, place: &Place, attempt: u32) {
        if self.leave_as_pinned(place) {
            return;
        }
        let evaluated = match self.evaluate(place) {
            Err(Held::Unread(templates)) => {
                let place = place.clone();
                return self.unread.push(Unread {
                    place,
                    attempt,
                    templates,
                });
            }
            Err(Held::Failed(failure)) => Err(failure),
            Ok(evaluated) => Ok(evaluated),
        };
        let now = self.now();
        let row = self.row(place);
        let taken_up = row.status == StepStatus::Running;
        let waited = row.turn_of.take().and(row.wake_at);
        row.attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
        row.started_at = row.started_at.or(Some(now));
        let (config, input) = match evaluated {
            Ok(evaluated) => evaluated,
            Err(failure) => return self.failed(place, &failure, None, None),
        };
        self.row(place).input = Some(input.clone());
        match self.definition.node(place.node).kind.behaviour {
            Behaviour::Logic(logic) => self.compute(place, logic, &config),
            Behaviour::Each => self.each(place, &input),
            Behaviour::Wait(wait) => self.park(place, wait, &input),
            Behaviour::Plugin => {
                let attempt = self.attempt(place, attempt, input, taken_up);
                self.ready.push(Attempt { waited, ..attempt });
            }
            // The machine never executes a trigger: it starts at one, done.
            Behaviour::Trigger(_) => {}
        }
    }

    /// The node's config with its expressions evaluated and its messages rendered, as a value and as a document.
    fn evaluate(&self, place: &Place) -> Result<(Value, Json), Held> {
        // Every attempt is made with what the first one was made with: the requests under one idempotency key are equal.
        if let Some(input) = self.step(place).and_then(|row| row.input.clone()) {
            return Ok((value(&input), input));
        }
        let (node, scope) = (self.definition.node(place.node), self.scope(&place.path));
        let config = node.config.evaluate(&scope)?;
        let document = json(&config)?;
        if !has_messages(&node.kind.hints, &config) {
            return Ok((config, document));
        }
        let document = self.with_messages(node, &document, &scope)?;
        Ok((value(&document), document))
    }

    /// What expressions see at that place.
    pub(super) fn scope(&self, path: &ItemPath) -> Arc<Scope> {
        let frame = self.frames.get(path);
        Arc::new(Scope {
            definition: self.definition.clone(),
            trigger: self.trigger.clone(),
            steps: frame.map(|frame| frame.outputs.clone()).unwrap_or_default(),
            run: Value::from_object(Facts::new(
                &self.run,
                &self.shared.workflows.0.approvals,
                path,
            )),
            vars: self.variables.clone(),
            event: None,
        })
    }

    fn compute(&mut self, place: &Place, logic: Logic, config: &Value) {
        let definition = self.definition.clone();
        let node = definition.node(place.node);
        let arrived = match logic {
            Logic::Merge => self.arrived(place),
            _ => Vec::new(),
        };
        let arrived = arrived.iter().map(|(key, output)| (*key, value(output)));
        let output = match nodes::execute(logic, config, node.join, arrived.collect()) {
            Ok(output) => output,
            Err(message) => {
                let code = match logic {
                    Logic::Fail => failure::FAILED,
                    _ => failure::NODE_FAILED,
                };
                return self.failed(place, &Failure::new(code, message), None, None);
            }
        };
        match json(&output.output) {
            Ok(json) => {
                self.answer_with(logic, &json);
                self.succeeded(place, output, json);
            }
            Err(failure) => self.failed(place, &failure, None, None),
        }
    }

    /// The output of the first `respond` node is that of the run.
    pub(super) fn answer_with(&mut self, logic: Logic, output: &Json) {
        if logic == Logic::Respond {
            let now = self.now();
            self.answer.get_or_insert((now, output.clone()));
        }
    }

    fn attempt(&mut self, place: &Place, attempt: u32, config: Json, taken_up: bool) -> Attempt {
        let definition = self.definition.clone();
        let node = definition.node(place.node);
        let workflows = self.shared.workflows.clone();
        let sha256 = workflows.plugin_sha256(&node.kind.name);
        let allowed = self.allowed.remove(place);
        let row = self.row(place);
        let foreign = taken_up && row.plugin_sha256.is_some() && row.plugin_sha256 != sha256;
        let step = row.id;
        if taken_up {
            self.journaled.insert(step);
        }
        Attempt {
            timeout: node.timeout.unwrap_or(self.shared.config.node_timeout),
            workspace: self.run.workspace_id,
            workflow: self.run.workflow_id,
            run: self.run.id,
            input: super::journal::merged(&self.arrived(place)),
            place: place.clone(),
            recorder: self.recorder.clone(),
            waited: None,
            services: None,
            definition: definition.clone(),
            workflows,
            attempt,
            app: node.connected_app,
            tally: Tally::default(),
            config,
            step,
            sha256,
            taken_up,
            foreign,
            guarded: !allowed && node.on_uncertain == crate::definition::OnUncertain::Safely,
        }
    }

    /// What has come in: the outputs of the steps before, by their keys; of a `for-each` that this is an item of, the item.
    pub(super) fn arrived(&self, place: &Place) -> Vec<(&str, Json)> {
        let came_from = self.state.came_from(&self.definition, place);
        let arrived = came_from.into_iter().filter_map(|from| {
            let key = self.definition.node(from).key.as_str();
            let frame = self.frames.get(&place.path)?;
            if self.definition.region_of(from) == self.definition.region_of(place.node) {
                return Some((key, frame.output(from)?.clone()));
            }
            let shown = frame.outputs.get(from.index())?.as_ref()?;
            Some((key, json(&shown.output).ok()?))
        });
        arrived.collect()
    }
}

/// A value as a document, if it is not too large.
pub(super) fn json(value: &Value) -> Result<Json, Failure> {
    let text = to_json(value).map_err(|message| Failure::new(OUTPUT_TOO_LARGE, message))?;
    Json::check(text).map_err(|error| Failure::new(failure::INTERNAL, error.to_string()))
}
