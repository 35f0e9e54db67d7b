//! Expressions: `{{ … }}` in any config string, at any depth.
//!
//! An expression sees JSON and gives JSON. It has no host objects, no clock and no I/O; it runs on a fuel budget
//! ([`FUEL`]) and what a config evaluates to is capped ([`MAX_OUTPUT`]). In scope are `trigger`, `steps`, `run` and
//! `vars` (see [`Scope`]).
//!
//! A string that is exactly one expression keeps the type of its value: `"{{ trigger.body.amount }}"` is a number when
//! the amount is one. In every other string the values are written into the text, objects and lists as JSON.
//!
//! An expression is compiled in three steps: [`split`] finds it in its string, [`rewrite`] puts the operators that could make
//! something large under the [`meter`], and the library compiles what comes of that.
//!
//! What is not there is an error that names the path, never an empty string; `{{ trigger.body.note | default("") }}`
//! says what to take instead.

mod builtin;
mod environment;
mod error;
mod evaluate;
mod helper;
mod meter;
mod operator;
mod path;
#[cfg(test)]
mod random;
mod references;
mod rewrite;
mod sample;
mod scope;
mod split;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod token;

pub use error::ExpressionError;
pub use evaluate::{from_json, to_json};
pub use helper::{Group, HELPERS, Helper, HelperKind};
pub use minijinja::Value;
pub use references::Reference;
pub use sample::Sample;
pub use scope::{InScope, Scope, StepOutput};
pub use template::{Template, TemplateFault};
pub use text::{Markup, Text};

/// The longest expression, in bytes.
pub const MAX_EXPRESSION: usize = 16 * 1024;

/// The instructions that one expression may execute.
pub const FUEL: u64 = 100_000;

/// The items that the expressions of one config may look at and make, besides their instructions.
pub const MAX_WORK: usize = 5_000_000;

/// The largest JSON that one node's config may evaluate to, in bytes.
pub const MAX_OUTPUT: usize = 4 * 1024 * 1024;
