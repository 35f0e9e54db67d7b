use serde_json::value::RawValue;

use crate::readable;

/// Deepest nesting of what a plugin returns. Readers of runs take 128 levels, and find outputs some levels down.
const DEPTH: u32 = 100;

/// Whether JSON can be kept: what a plugin returns is stored, read by expressions and shown, long after the call.
pub(crate) fn check(value: &RawValue) -> Result<(), serde_json::Error> {
    readable(value.get(), DEPTH)
}
