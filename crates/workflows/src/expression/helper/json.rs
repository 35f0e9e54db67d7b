//! JSON as text, and back.

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, State, Value};

use super::{named, refused};
use crate::expression::evaluate::{to_json, to_pretty_json};
use crate::expression::meter;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("tojson", tojson);
    environment.add_filter("fromjson", fromjson);
    environment.add_filter("type", |value: &Value| {
        let name = named(value);
        name.rsplit(' ').next().unwrap_or(name).to_owned()
    });
}

fn tojson(state: &mut State, value: &Value, named: Kwargs) -> Result<String, Error> {
    let pretty = named.get::<Option<bool>>("pretty")?.unwrap_or(false);
    named.assert_all_used()?;
    let written = match pretty {
        true => to_pretty_json(value),
        false => to_json(value),
    };
    let written = written.map_err(refused)?;
    meter::text(state, written.len())?;
    Ok(written)
}

fn fromjson(state: &mut State, text: &str) -> Result<Value, Error> {
    meter::text(state, text.len())?;
    serde_json::from_str(text).map_err(|error| refused(format!("the text is not JSON: {error}")))
}
