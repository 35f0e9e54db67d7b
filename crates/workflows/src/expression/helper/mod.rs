//! The helpers of Jackfield's own, one file per subject, and the [reference](Helper) of all there are.

mod currency;
mod date;
mod decimal;
mod digest;
mod encoding;
mod json;
mod list;
mod money;
mod number;
mod object;
mod reference;
#[cfg(test)]
mod tests;
mod text;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Value};

pub use reference::{Group, HELPERS, Helper, HelperKind};

pub(super) fn register(environment: &mut Environment<'_>) {
    date::register(environment);
    digest::register(environment);
    encoding::register(environment);
    json::register(environment);
    list::register(environment);
    money::register(environment);
    number::register(environment);
    object::register(environment);
    text::register(environment);
}

/// An error about what a helper was given.
fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// What a person would call the type of a value.
fn named(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "nothing",
        ValueKind::None => "null",
        ValueKind::Bool => "a boolean",
        ValueKind::Number => "a number",
        ValueKind::String => "a text",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "an object",
        _ => "something else",
    }
}
