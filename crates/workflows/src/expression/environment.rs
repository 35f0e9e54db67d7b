//! The one expression language: which filters, tests and functions there are.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context};

use super::{FUEL, MAX_OUTPUT, to_json};

/// The language. Built once; expressions borrow from it for as long as the process lives.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(build);

/// The functions that may be called by name, besides the names of the scope.
pub(super) const FUNCTIONS: [&str; 2] = ["range", "dict"];

/// Whether there is a filter of that name.
pub(super) fn has_filter(name: &str) -> bool {
    let is_filter = ENVIRONMENT.compile_expression("name is filter");
    is_filter
        .and_then(|is_filter| is_filter.eval(context! { name }))
        .is_ok_and(|known| known.is_true())
}

fn build() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    // Only with this on does an error know which lookup was undefined and where in the expression it stands.
    environment.set_debug(true);
    for function in ["debug", "namespace"] {
        environment.remove_global(function);
    }
    // HTML escaping and debug output have no meaning in JSON.
    for filter in ["safe", "escape", "e", "pprint", "format"] {
        environment.remove_filter(filter);
    }
    environment.add_filter("replace", replace);
    environment.add_filter("indent", indent);
    environment.add_filter("join", join);
    environment.add_filter("fromjson", from_json);
    environment
}

fn too_large(filter: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("the result of `{filter}` is larger than {MAX_OUTPUT} bytes"),
    )
}

/// `replace(from, to)`, with the size of the result computed before it is made.
fn replace(text: &str, from: &str, to: &str) -> Result<String, Error> {
    if from.is_empty() {
        return Ok(text.to_owned());
    }
    let grown = text
        .matches(from)
        .count()
        .checked_mul(to.len())
        .and_then(|added| added.checked_add(text.len()));
    match grown {
        Some(size) if size <= MAX_OUTPUT => Ok(text.replace(from, to)),
        _ => Err(too_large("replace")),
    }
}

/// `indent(width)`: every line but the first starts with that many blanks.
fn indent(text: &str, width: usize) -> Result<String, Error> {
    let grown = text
        .lines()
        .count()
        .checked_mul(width)
        .and_then(|added| added.checked_add(text.len()));
    match grown {
        Some(size) if size <= MAX_OUTPUT => {
            Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))))
        }
        _ => Err(too_large("indent")),
    }
}

/// `join(between)`: one text of all items.
fn join(items: &Value, between: Option<&str>) -> Result<String, Error> {
    let mut joined = String::new();
    for (index, item) in items.try_iter()?.enumerate() {
        if index > 0 {
            joined.push_str(between.unwrap_or_default());
        }
        match item.as_str() {
            Some(text) => joined.push_str(text),
            None => joined.push_str(&to_json(&item).map_err(|_| too_large("join"))?),
        }
        if joined.len() > MAX_OUTPUT {
            return Err(too_large("join"));
        }
    }
    Ok(joined)
}

/// `fromjson`: the value that a JSON text stands for.
fn from_json(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|error| {
        Error::new(
            ErrorKind::InvalidOperation,
            format!("the text is not JSON: {error}"),
        )
    })
}
