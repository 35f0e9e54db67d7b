//! Reads a JSON object member by member and collects what is wrong with it.

use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Map, Value};

use super::nearest;

/// A path into the input, as it is reported.
pub(super) type Path = Vec<String>;

/// Makes a problem.
pub(super) fn problem(field: &[String], code: ProblemCode, message: impl Into<String>) -> Problem {
    Problem {
        field: field.to_vec(),
        code,
        message: message.into(),
    }
}

/// `path` with one more part.
pub(super) fn under(path: &[String], part: impl ToString) -> Path {
    let mut longer = path.to_vec();
    longer.push(part.to_string());
    longer
}

/// The members of an object, with the place where it stands.
pub(super) struct Fields<'a> {
    pub path: Path,
    members: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The members of `value`; names outside of `known` are problems, and so is anything that is no object.
    pub fn of(
        value: &'a Value,
        path: Path,
        known: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Option<Fields<'a>> {
        let Value::Object(members) = value else {
            problems.push(problem(
                &path,
                ProblemCode::Invalid,
                format!("has to be an object, not {}", kind(value)),
            ));
            return None;
        };
        for name in members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            let hint = match nearest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            problems.push(problem(
                &under(&path, name),
                ProblemCode::Invalid,
                format!("there is no field `{name}`; {hint}"),
            ));
        }
        Some(Fields { path, members })
    }

    /// Where the member stands.
    pub fn at(&self, name: &str) -> Path {
        under(&self.path, name)
    }

    /// The member, unless it is absent or null.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A string that may be absent.
    pub fn text(&self, name: &str, problems: &mut Vec<Problem>) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text.clone()),
            other => {
                problems.push(problem(
                    &self.at(name),
                    ProblemCode::Invalid,
                    format!("has to be a string, not {}", kind(other)),
                ));
                None
            }
        }
    }

    /// A string that has to be there.
    pub fn required(&self, name: &str, problems: &mut Vec<Problem>) -> Option<String> {
        if self.get(name).is_none() {
            problems.push(problem(
                &self.at(name),
                ProblemCode::Required,
                format!("`{name}` is missing"),
            ));
        }
        self.text(name, problems)
    }

    /// A list that may be absent.
    pub fn list(&self, name: &str, problems: &mut Vec<Problem>) -> &'a [Value] {
        match self.get(name) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(other) => {
                problems.push(problem(
                    &self.at(name),
                    ProblemCode::Invalid,
                    format!("has to be a list, not {}", kind(other)),
                ));
                &[]
            }
        }
    }

    /// A whole number that may be absent.
    pub fn whole(&self, name: &str, problems: &mut Vec<Problem>) -> Option<u32> {
        let number = self.number(name, problems)?;
        if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
            return Some(number as u32);
        }
        problems.push(problem(
            &self.at(name),
            ProblemCode::Invalid,
            "has to be a whole number, not negative",
        ));
        None
    }

    /// A number that may be absent.
    pub fn number(&self, name: &str, problems: &mut Vec<Problem>) -> Option<f64> {
        let value = self.get(name)?;
        let number = value.as_f64();
        if number.is_none() {
            problems.push(problem(
                &self.at(name),
                ProblemCode::Invalid,
                format!("has to be a number, not {}", kind(value)),
            ));
        }
        number
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
