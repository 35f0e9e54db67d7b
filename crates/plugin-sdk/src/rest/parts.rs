use jackfield_plugin_abi::messages::{CallError, code};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Result;

/// The values of an operation's fields, each where it goes.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub(super) path: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<(String, Value)>,
    pub(super) limit: Option<u64>,
    pub(super) cursor: Option<String>,
}

impl Parts {
    /// Fills `{name}` of the path.
    ///
    /// # Errors
    /// When the value is no text, number or boolean.
    pub fn path<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        let texts = texts(name, value)?;
        self.path
            .extend(texts.into_iter().map(|text| (name.to_owned(), text)));
        Ok(())
    }

    /// Adds a query parameter; a list repeats its name.
    ///
    /// # Errors
    /// As [`path`](Self::path).
    pub fn query<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        let texts = texts(name, value)?;
        self.query
            .extend(texts.into_iter().map(|text| (name.to_owned(), text)));
        Ok(())
    }

    /// Adds a header.
    ///
    /// # Errors
    /// As [`path`](Self::path).
    pub fn header<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        let texts = texts(name, value)?;
        self.headers
            .extend(texts.into_iter().map(|text| (name.to_owned(), text)));
        Ok(())
    }

    /// Puts a value into the body, at a dotted path.
    ///
    /// # Errors
    /// When it cannot be JSON.
    pub fn body<T: Serialize + ?Sized>(&mut self, target: &str, value: &T) -> Result<()> {
        let value =
            serde_json::to_value(value).map_err(|error| invalid(target, &error.to_string()))?;
        self.body.push((target.to_owned(), value));
        Ok(())
    }

    /// Puts the members of an object into the body, each at its own name.
    ///
    /// # Errors
    /// When it cannot be JSON, or is no object.
    pub fn body_members<T: Serialize + ?Sized>(&mut self, of: &T) -> Result<()> {
        for (name, value) in members(of)? {
            self.body.push((name, value));
        }
        Ok(())
    }

    /// Adds the members of an object as query parameters, each under its own name.
    ///
    /// # Errors
    /// When it is no object, or a member is an object.
    pub fn query_members<T: Serialize + ?Sized>(&mut self, of: &T) -> Result<()> {
        for (name, value) in members(of)? {
            self.query(&name, &value)?;
        }
        Ok(())
    }

    /// Limits how many items are collected.
    ///
    /// # Errors
    /// When it is no whole number.
    pub fn limit<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let text = texts("limit", value)?.pop();
        let limit = text.map(|text| {
            text.parse()
                .map_err(|_| invalid("limit", "it is no whole number"))
        });
        self.limit = limit.transpose()?;
        Ok(())
    }

    /// Collects from here on.
    ///
    /// # Errors
    /// When it is no text.
    pub fn cursor<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.cursor = texts("cursor", value)?
            .pop()
            .filter(|cursor| !cursor.is_empty());
        Ok(())
    }
}

fn members<T: Serialize + ?Sized>(of: &T) -> Result<Map<String, Value>> {
    match serde_json::to_value(of) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(mistake("Only an object has members.".to_owned())),
        Err(error) => Err(mistake(format!("The request cannot be sent: {error}."))),
    }
}

fn texts<T: Serialize + ?Sized>(name: &str, value: &T) -> Result<Vec<String>> {
    let value = serde_json::to_value(value).map_err(|error| invalid(name, &error.to_string()))?;
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            let texts: Result<Vec<_>> = items.iter().map(|item| texts(name, item)).collect();
            Ok(texts?.concat())
        }
        Value::String(text) => Ok(vec![text]),
        Value::Bool(_) | Value::Number(_) => Ok(vec![value.to_string()]),
        Value::Object(_) => Err(invalid(name, "an object has no place there")),
    }
}

pub(super) fn invalid(name: &str, why: &str) -> CallError {
    mistake(format!("{name} cannot be sent: {why}."))
}

fn mistake(message: String) -> CallError {
    CallError::new(code::INVALID_REQUEST, message)
}
