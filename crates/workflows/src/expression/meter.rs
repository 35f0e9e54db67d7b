//! What one evaluation has used up.
//!
//! The library counts the instructions of an expression, but one instruction can visit a million items or write a
//! hundred megabytes. So everything that visits items or makes something larger reports here, and is refused once the
//! expression has had its share.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

use super::{MAX_OUTPUT, MAX_WORK};

/// How deep [`cost`] looks into lists and objects.
const DEPTH: usize = 4;

/// What one evaluation has used up.
#[derive(Default)]
struct Meter {
    work: usize,
    bytes: usize,
}

/// Counts `items` that are about to be visited.
pub(super) fn work(state: &mut State, items: usize) -> Result<(), Error> {
    let meter = state.get_or_insert_extension_with(Meter::default);
    meter.work = meter.work.saturating_add(items);
    if meter.work > MAX_WORK {
        return Err(Error::from(ErrorKind::OutOfFuel));
    }
    Ok(())
}

/// Counts `bytes` of text that are about to be written.
pub(super) fn text(state: &mut State, bytes: usize) -> Result<(), Error> {
    if bytes > MAX_OUTPUT {
        return Err(too_large());
    }
    let meter = state.get_or_insert_extension_with(Meter::default);
    meter.bytes = meter.bytes.saturating_add(bytes);
    if meter.bytes > 4 * MAX_OUTPUT {
        return Err(too_large());
    }
    Ok(())
}

/// Counts a value that was made.
pub(super) fn made(state: &mut State, value: &Value) -> Result<(), Error> {
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
