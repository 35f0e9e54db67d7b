//! Expressions: `{{ … }}` in any config string, at any depth.
//!
//! An expression sees JSON and gives JSON. It has no host objects, no clock and no I/O; it runs on a fuel budget
//! ([`FUEL`]) and what a config evaluates to is capped ([`MAX_OUTPUT`]). In scope are `trigger`, `steps`, `run` and
//! `vars` (see [`Scope`]).
//!
//! A string that is exactly one expression keeps the type of its value: `"{{ trigger.body.amount }}"` is a number when
//! the amount is one. In every other string the values are written into the text, objects and lists as JSON.
//!
//! What is not there is an error that names the path, never an empty string; `{{ trigger.body.note | default("") }}`
//! says what to take instead.

mod environment;
mod error;
mod evaluate;
mod path;
mod references;
mod scope;
mod split;
mod template;
#[cfg(test)]
mod tests;

pub use error::ExpressionError;
pub use evaluate::{from_json, to_json};
pub use minijinja::Value;
pub use references::Reference;
pub use scope::{Scope, StepOutput};
pub use template::{Template, TemplateFault};

/// The longest expression, in bytes.
pub const MAX_EXPRESSION: usize = 16 * 1024;

/// The instructions that one expression may execute.
pub const FUEL: u64 = 100_000;

/// The largest JSON that one node's config may evaluate to, in bytes.
pub const MAX_OUTPUT: usize = 4 * 1024 * 1024;
