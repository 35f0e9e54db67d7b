//! Objects.

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, State, Value};

use super::{named, refused};
use crate::expression::operator::items;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("keys", |state: &mut State, object: &Value| {
        Ok::<_, Error>(
            members(state, object)?
                .into_iter()
                .map(|(key, _)| key)
                .collect::<Vec<_>>(),
        )
    });
    environment.add_filter("values", |state: &mut State, object: &Value| {
        Ok::<_, Error>(
            members(state, object)?
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>(),
        )
    });
    environment.add_filter("merge", merge);
    environment.add_filter(
        "pick",
        |state: &mut State, object: &Value, names: Rest<String>| {
            chosen(state, object, &names, true)
        },
    );
    environment.add_filter(
        "omit",
        |state: &mut State, object: &Value, names: Rest<String>| {
            chosen(state, object, &names, false)
        },
    );
}

fn members(state: &mut State, object: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if object.kind() != ValueKind::Map {
        return Err(refused(format!(
            "an object was expected, not {}",
            named(object)
        )));
    }
    let keys = items(state, object)?;
    keys.into_iter()
        .map(|key| Ok((key.clone(), object.get_item(&key)?)))
        .collect()
}

/// The members of both; where both have one, that of `other`.
fn merge(state: &mut State, object: &Value, other: &Value) -> Result<Value, Error> {
    let mut merged = members(state, object)?;
    merged.extend(members(state, other)?);
    Ok(Value::from_pairs(merged))
}

fn chosen(
    state: &mut State,
    object: &Value,
    names: &[String],
    wanted: bool,
) -> Result<Value, Error> {
    let members = members(state, object)?;
    let named = |key: &Value| {
        key.as_str()
            .is_some_and(|key| names.iter().any(|name| name == key))
    };
    Ok(Value::from_pairs(
        members.into_iter().filter(|(key, _)| named(key) == wanted),
    ))
}
