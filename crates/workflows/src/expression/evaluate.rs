//! Evaluates a config in a scope.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::template::{Compiled, Part, Program, described};
use super::{ExpressionError, MAX_OUTPUT, Scope, Template, Value, path};

impl Template {
    /// The config with every expression replaced by its value.
    pub fn evaluate(&self, scope: &Arc<Scope>) -> Result<Value, ExpressionError> {
        match self {
            Template::Literal(value) => Ok(value.clone()),
            template => template.evaluate_in(&Value::from_dyn_object(scope.clone())),
        }
    }

    fn evaluate_in(&self, scope: &Value) -> Result<Value, ExpressionError> {
        match self {
            Template::Literal(value) => Ok(value.clone()),
            Template::Expression(compiled) => compiled.evaluate(scope),
            Template::Text(parts) => text(parts, scope).map(Value::from),
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

fn text(parts: &[Part], scope: &Value) -> Result<String, ExpressionError> {
    let mut written = String::new();
    for part in parts {
        match part {
            Part::Text(plain) => written.push_str(plain),
            Part::Expression(compiled) => {
                let value = compiled.evaluate(scope)?;
                match value.as_str() {
                    Some(plain) => written.push_str(plain),
                    None => written
                        .push_str(&to_json(&value).map_err(|message| compiled.fault(0, message))?),
                }
            }
        }
        if written.len() > MAX_OUTPUT {
            return Err(ExpressionError::at("", 0, TooLarge.to_string()));
        }
    }
    Ok(written)
}

impl Compiled {
    fn evaluate(&self, scope: &Value) -> Result<Value, ExpressionError> {
        let value = match &self.program {
            Program::Path(segments) => path::follow(segments, scope).map_err(|missing| {
                self.fault(
                    self.source.len() - self.source.trim_start().len(),
                    format!("`{missing}` is undefined; add `| default(…)` if it may be missing"),
                )
            })?,
            Program::Virtual(expression) => expression.eval(scope.clone()).map_err(|error| {
                self.fault(
                    error.range().map_or(0, |range| range.start),
                    described(&error),
                )
            })?,
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

    fn fault(&self, inside: usize, message: impl Into<String>) -> ExpressionError {
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
    value
        .serialize(&mut serde_json::Serializer::new(&mut writer))
        .map_err(|error| {
            if error.is_io() {
                TooLarge.to_string()
            } else {
                format!("the value is not JSON: {error}")
            }
        })?;
    String::from_utf8(writer.0).map_err(|_| "the value is not text".to_owned())
}

#[derive(Debug, thiserror::Error)]
#[error("the value is larger than {MAX_OUTPUT} bytes")]
struct TooLarge;

/// A buffer that refuses to grow beyond [`MAX_OUTPUT`].
struct Capped(Vec<u8>);

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
