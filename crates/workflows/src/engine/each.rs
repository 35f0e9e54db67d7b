//! The items of `for-each` nodes.

use std::sync::Arc;

use jackfield_storage::Json;
use jackfield_storage::step::StepStatus;
use serde::Serialize;

use super::drive::Driver;
use super::failure::{Failure, TOO_MANY_STEPS};
use super::frame::{FrameData, ItemResult, Items};
use super::journal::merged;
use super::prepare::value;
use crate::definition::{DATA_OUT, ITEM, NodeIndex};
use crate::expression::{MAX_OUTPUT, StepOutput, Value};
use crate::machine::{Happened, ItemPath, Items as Count, Place};
use crate::nodes::for_each::{self, Each};

/// The most steps of one run.
const MAX_STEPS: usize = 100_000;

/// What leaves a `for-each` by `data-out`.
#[derive(Serialize)]
struct Gathered {
    results: Vec<Option<Json>>,
    errors: Vec<ItemError>,
    count: usize,
}

#[derive(Serialize)]
struct ItemError {
    index: usize,
    #[serde(flatten)]
    error: serde_json::Map<String, serde_json::Value>,
}

impl Driver {
    /// Begins with the items of an evaluated config.
    pub(super) fn each(&mut self, place: &Place, config: &Json) {
        let each = match for_each::read(config.value()) {
            Ok(each) => each,
            Err(message) => {
                let failure = Failure::new(super::failure::NODE_FAILED, message);
                return self.failed(place, &failure, None, None);
            }
        };
        let body = self.definition.region(self.definition.body(place.node));
        let steps = self.begun + each.items.len() * body.nodes.len();
        if steps > MAX_STEPS {
            let message = format!(
                "with {} items the run would have {steps} steps, but it may have at most {MAX_STEPS}",
                each.items.len()
            );
            return self.failed(place, &Failure::new(TOO_MANY_STEPS, message), None, None);
        }
        let items = count(&each);
        self.keep_items(place, each);
        self.row(place).status = StepStatus::Running;
        self.happened(Happened::Items { place, items });
    }

    /// The items of a step as it is on disk, kept; none if it has not begun with them.
    pub(super) fn restore_items(&mut self, place: &Place, input: Option<&Json>) -> Option<Count> {
        let each = for_each::read(input?.value()).ok()?;
        let items = count(&each);
        self.keep_items(place, each);
        Some(items)
    }

    fn keep_items(&mut self, place: &Place, each: Each) {
        let items = each.items.iter().map(crate::expression::from_json);
        let items = Items::new(items.collect());
        if let Some(frame) = self.frames.get_mut(&place.path) {
            frame.loops.insert(place.node, items);
        }
    }

    /// Makes room for the steps of an item, unless there is.
    pub(super) fn begin_item(&mut self, place: &Place, item: u32) {
        let path = place.path.child(item);
        if self.frames.contains_key(&path) {
            return;
        }
        let Some(frame) = self.frames.get(&place.path) else {
            return;
        };
        let given = frame.loops.get(&place.node);
        let given = given.and_then(|items| items.items.get(item as usize).cloned());
        let mut outputs = frame.outputs.clone();
        let shown = [("item", given.unwrap_or_default()), ("index", item.into())];
        Arc::make_mut(&mut outputs)[place.node.index()] = Some(StepOutput {
            output: Value::from_pairs(shown),
            port: ITEM.into(),
        });
        self.frames.insert(path, FrameData::new(outputs));
    }

    /// Keeps what came of an item; its rows are written with the next commit.
    pub(super) fn item_over(&mut self, place: &Place, item: u32, failed_by: Option<NodeIndex>) {
        let path = place.path.child(item);
        let ends = match failed_by {
            Some(_) => Vec::new(),
            None => self.item_ends(&path, place.node),
        };
        let Some(frame) = self.frames.remove(&path) else {
            return;
        };
        let result = match failed_by {
            Some(node) => {
                let error = frame.rows.get(&node).and_then(|row| row.error.as_ref());
                let key = self.definition.node(node).key.as_str();
                ItemResult::Error(super::failure::with_node(error, key))
            }
            None => {
                let output = |node: &NodeIndex| {
                    let key = self.definition.node(*node).key.as_str();
                    Some((key, frame.output(*node)?.clone()))
                };
                ItemResult::Output(merged(&ends.iter().filter_map(output).collect::<Vec<_>>()))
            }
        };
        for (node, row) in frame.rows {
            let own = Place {
                node,
                path: path.clone(),
            };
            if self.dirty.remove(&own) {
                self.left.push(row);
            }
        }
        let around = self.frames.get_mut(&place.path);
        let items = around.and_then(|frame| frame.loops.get_mut(&place.node));
        if let Some(kept) = items.and_then(|items| items.results.get_mut(item as usize)) {
            *kept = Some(result);
        }
    }

    /// The steps of an item after which nothing came: those that finished, and from which no finished step goes on.
    fn item_ends(&self, path: &ItemPath, each: NodeIndex) -> Vec<NodeIndex> {
        let region = self.definition.body(each);
        let Some(frame) = self.frames.get(path) else {
            return Vec::new();
        };
        let port = |node: NodeIndex| frame.rows.get(&node).and_then(|row| row.port.as_deref());
        let goes_on = |node: NodeIndex| {
            self.definition.outgoing(node).iter().any(|edge| {
                self.definition.edge_region(*edge) == region
                    && port(node) == Some(&*self.definition.edge(*edge).from_port)
            })
        };
        let nodes = self.definition.region(region).nodes.iter().copied();
        nodes
            .filter(|node| frame.output(*node).is_some() && !goes_on(*node))
            .collect()
    }

    /// All items are over: what they came to leaves by `data-out`.
    pub(super) fn gather(&mut self, place: &Place) {
        let frame = self.frames.get_mut(&place.path);
        let Some(items) = frame.and_then(|frame| frame.loops.remove(&place.node)) else {
            return;
        };
        let mut gathered = Gathered {
            count: items.results.len(),
            results: Vec::with_capacity(items.results.len()),
            errors: Vec::new(),
        };
        for (index, result) in items.results.into_iter().enumerate() {
            match result {
                Some(ItemResult::Output(output)) => gathered.results.push(Some(output)),
                Some(ItemResult::Error(error)) => {
                    let error = error.parse().unwrap_or_default();
                    gathered.errors.push(ItemError { index, error });
                    gathered.results.push(None);
                }
                None => gathered.results.push(None),
            }
        }
        let json = match Json::of(&gathered) {
            Ok(json) if json.as_str().len() <= MAX_OUTPUT => json,
            Ok(_) | Err(_) => {
                let message = format!(
                    "what the items returned is together larger than {MAX_OUTPUT} bytes; let the last step for each item \
                     return less"
                );
                let failure = Failure::new(super::failure::OUTPUT_TOO_LARGE, message);
                return self.failed(place, &failure, None, None);
            }
        };
        let output = StepOutput {
            output: value(&json),
            port: DATA_OUT.into(),
        };
        self.succeeded(place, output, json);
    }
}

fn count(each: &Each) -> Count {
    Count {
        count: each.items.len() as u32,
        concurrency: each.concurrency,
    }
}
