//! What one evaluation has used up.
//!
//! The library counts the instructions of an expression, but one instruction can visit a million items or write a
//! hundred megabytes. So everything that visits items or makes something larger reports here, and is refused once the
//! expression has had its share.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use minijinja::value::{Enumerator, Object, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};

use super::scope::NAMES;
use super::{MAX_OUTPUT, MAX_WORK};

/// How deep [`cost`] looks into lists and objects.
const DEPTH: usize = 4;

/// The name under which expressions see what the evaluation has used up; it cannot be written in one.
const SPENT: &str = "__spent";

/// What the evaluation of one config has used up, over all its expressions.
#[derive(Debug, Default)]
struct Spent {
    work: AtomicUsize,
    bytes: AtomicUsize,
}

impl Object for Spent {}

/// A scope together with what has been used up in it.
#[derive(Debug)]
struct Metered {
    scope: Value,
    spent: Arc<Spent>,
}

impl Object for Metered {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == SPENT {
            return Some(Value::from_dyn_object(self.spent.clone()));
        }
        self.scope
            .get_attr(key)
            .ok()
            .filter(|value| !value.is_undefined())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&NAMES)
    }
}

/// The scope with nothing used up yet.
pub(super) fn fresh(scope: Value) -> Value {
    let spent = Arc::default();
    Value::from_object(Metered { scope, spent })
}

fn spent(state: &State) -> Option<Arc<Spent>> {
    state.lookup(SPENT)?.downcast_object()
}

/// Counts `items` that are about to be visited.
pub(super) fn work(state: &State, items: usize) -> Result<(), Error> {
    let before = spent(state).map_or(0, |spent| add(&spent.work, items));
    match before.saturating_add(items) > MAX_WORK {
        true => Err(Error::from(ErrorKind::OutOfFuel)),
        false => Ok(()),
    }
}

/// Counts `bytes` of text that are about to be written.
pub(super) fn text(state: &State, bytes: usize) -> Result<(), Error> {
    if bytes > MAX_OUTPUT {
        return Err(too_large());
    }
    let before = spent(state).map_or(0, |spent| add(&spent.bytes, bytes));
    match before.saturating_add(bytes) > 4 * MAX_OUTPUT {
        true => Err(too_large()),
        false => Ok(()),
    }
}

/// Adds, and returns what was there before. One evaluation is one thread's, so nothing comes between.
fn add(counter: &AtomicUsize, more: usize) -> usize {
    let before = counter.load(Relaxed);
    counter.store(before.saturating_add(more), Relaxed);
    before
}

/// Counts a value that was made.
pub(super) fn made(state: &State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(written) => text(state, written.len()),
        None => work(state, value.len().unwrap_or(0)),
    }
}

/// The text or list is larger than it may be.
pub(super) fn too_large() -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("the value is larger than {MAX_OUTPUT} bytes"),
    )
}

/// What looking at all of a value costs.
pub(super) fn cost(value: &Value) -> usize {
    let mut budget = MAX_WORK + 1;
    spend(value, DEPTH, &mut budget);
    MAX_WORK + 1 - budget
}

fn spend(value: &Value, depth: usize, budget: &mut usize) {
    let here = 1 + value.as_str().map_or(0, |text| text.len() / 64);
    *budget = budget.saturating_sub(here);
    let kind = value.kind();
    if depth == 0 || !matches!(kind, ValueKind::Seq | ValueKind::Iterable | ValueKind::Map) {
        return;
    }
    let Ok(items) = value.try_iter() else { return };
    for item in items {
        if *budget == 0 {
            return;
        }
        match kind {
            ValueKind::Map => spend(
                &value.get_item(&item).unwrap_or_default(),
                depth - 1,
                budget,
            ),
            _ => spend(&item, depth - 1, budget),
        }
    }
}
