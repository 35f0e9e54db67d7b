//! Evaluates a config in a scope.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::rewrite::Rewritten;
use super::template::{Compiled, Program, described};
use super::text::{Markup, written};
use super::{ExpressionError, MAX_OUTPUT, Scope, Template, Value, operator, path};

impl Template {
    /// The config with every expression replaced by its value.
    pub fn evaluate(&self, scope: &Arc<Scope>) -> Result<Value, ExpressionError> {
        match self {
            Template::Literal(value) => Ok(value.clone()),
            template => template.evaluate_in(&scope.value()),
        }
    }

    /// The same with no steps in scope, but only what `scope` holds.
    pub fn evaluate_with(&self, scope: &Value) -> Result<Value, ExpressionError> {
        self.evaluate_in(scope)
    }

    pub(super) fn evaluate_in(&self, scope: &Value) -> Result<Value, ExpressionError> {
        match self {
            Template::Literal(value) => Ok(value.clone()),
            Template::Expression(compiled) => compiled.evaluate(scope),
            Template::Text(parts) => written(parts, scope, Markup::None).map(Value::from),
            Template::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    values.push(
                        item.evaluate_in(scope)
                            .map_err(|error| error.under(index.to_string()))?,
                    );
                }
                Ok(Value::from(values))
            }
            Template::Object(members) => {
                let mut values = Vec::with_capacity(members.len());
                for (name, value) in members {
                    let value = value
                        .evaluate_in(scope)
                        .map_err(|error| error.under(&**name))?;
                    values.push((Value::from(&**name), value));
                }
                Ok(Value::from_pairs(values))
            }
        }
    }
}

impl Compiled {
    pub(super) fn evaluate(&self, scope: &Value) -> Result<Value, ExpressionError> {
        let value = match &self.program {
            Program::Path(segments) => path::follow(segments, scope).map_err(|missing| {
                self.fault(
                    self.source.len() - self.source.trim_start().len(),
                    format!("`{missing}` is undefined; add `| default(…)` if it may be missing"),
                )
            })?,
            Program::Virtual(program) => program
                .expression
                .eval(scope.clone())
                .map_err(|error| self.failed(&program.rewritten, &error))?,
        };
        if value.is_undefined() {
            let message = format!(
                "`{}` is undefined; add `| default(…)` if it may be missing",
                self.source.trim()
            );
            return Err(self.fault(0, message));
        }
        Ok(value)
    }

    /// An error of the library, told in terms of what was written.
    fn failed(&self, rewritten: &Rewritten, error: &minijinja::Error) -> ExpressionError {
        let at = error.range().map_or(0, |range| range.start);
        let undefined = rewritten.operation(at).zip(error.detail()).and_then(
            |(operation, detail)| match detail {
                operator::LEFT => Some(operation.left.clone()),
                operator::RIGHT => Some(operation.right.clone()),
                _ => None,
            },
        );
        match undefined {
            Some(operand) => {
                let message = format!(
                    "`{}` is undefined; add `| default(…)` if it may be missing",
                    &self.source[operand.clone()]
                );
                self.fault(operand.start, message)
            }
            None => self.fault(rewritten.origin(at), described(error)),
        }
    }

    pub(super) fn fault(&self, inside: usize, message: impl Into<String>) -> ExpressionError {
        ExpressionError::at(&self.text, self.offset + inside, message)
    }
}

/// The value that a JSON tree stands for.
pub fn from_json(json: &serde_json::Value) -> Value {
    Value::deserialize(json).expect("every JSON tree is a value")
}

/// The JSON text of a value, at most [`MAX_OUTPUT`] bytes of it; the error is a sentence.
pub fn to_json(value: &Value) -> Result<String, String> {
    let mut writer = Capped(Vec::new());
    let written = value.serialize(&mut serde_json::Serializer::new(&mut writer));
    writer.text(written)
}

/// The same with line breaks, for people.
pub(super) fn to_pretty_json(value: &Value) -> Result<String, String> {
    let mut writer = Capped(Vec::new());
    let written = value.serialize(&mut serde_json::Serializer::pretty(&mut writer));
    writer.text(written)
}

#[derive(Debug, thiserror::Error)]
#[error("the value is larger than {MAX_OUTPUT} bytes")]
pub(super) struct TooLarge;

/// A buffer that refuses to grow beyond [`MAX_OUTPUT`].
struct Capped(Vec<u8>);

impl Capped {
    fn text(self, written: Result<(), serde_json::Error>) -> Result<String, String> {
        match written {
            Ok(()) => String::from_utf8(self.0).map_err(|_| "the value is not text".to_owned()),
            Err(error) if error.is_io() => Err(TooLarge.to_string()),
            Err(error) => Err(format!("the value is not JSON: {error}")),
        }
    }
}

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other(TooLarge));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
