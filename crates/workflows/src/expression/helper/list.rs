//! Lists.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, State, Value};

use super::{named, refused};
use crate::expression::evaluate::to_json;
use crate::expression::operator::{add, items};
use crate::expression::{MAX_OUTPUT, meter};

/// The most numbers `range` counts.
const MAX_RANGE: usize = 100_000;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("compact", compact);
    environment.add_filter("flatten", flatten);
    environment.add_filter("index_by", index_by);
    environment.add_filter("join", join);
    environment.add_filter("sum", sum);
    environment.add_function("range", range);
    environment.add_function("coalesce", coalesce);
}

/// Without null, empty texts, empty lists and empty objects.
fn compact(state: &mut State, list: &Value) -> Result<Vec<Value>, Error> {
    let empty = |item: &Value| item.is_none() || item.len() == Some(0);
    Ok(items(state, list)?
        .into_iter()
        .filter(|item| !empty(item))
        .collect())
}

fn flatten(state: &mut State, list: &Value) -> Result<Vec<Value>, Error> {
    let mut flat = Vec::new();
    for item in items(state, list)? {
        match item.kind() {
            ValueKind::Seq | ValueKind::Iterable => flat.extend(items(state, &item)?),
            _ => flat.push(item),
        }
    }
    Ok(flat)
}

/// An object of the items by what they hold at `attribute`; of several with the same, the last.
fn index_by(state: &mut State, list: &Value, attribute: &str) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    for item in items(state, list)? {
        let key = attribute_of(&item, attribute)?;
        let key = match key.as_str() {
            Some(text) => text.to_owned(),
            None if key.is_number() => key.to_string(),
            None => {
                let message = format!(
                    "`{attribute}` of an item is {}, which cannot be a key",
                    named(&key)
                );
                return Err(refused(message));
            }
        };
        pairs.push((key, item));
    }
    Ok(Value::from_pairs(pairs))
}

/// What an item holds at a path, `address.city`.
fn attribute_of(item: &Value, path: &str) -> Result<Value, Error> {
    let mut found = item.clone();
    for name in path.split('.') {
        found = match name.parse() {
            Ok(index) => found.get_item_by_index(index)?,
            Err(_) => found.get_attr(name)?,
        };
        if found.is_undefined() {
            return Err(refused(format!("an item has no `{path}`")));
        }
    }
    Ok(found)
}

/// One text of all items, with `between` between them.
fn join(
    state: &mut State,
    list: &Value,
    between: Option<&str>,
    named: Kwargs,
) -> Result<String, Error> {
    let attribute = named.get::<Option<&str>>("attribute")?;
    named.assert_all_used()?;
    let mut joined = String::new();
    for (index, item) in items(state, list)?.into_iter().enumerate() {
        let item = match attribute {
            Some(attribute) => attribute_of(&item, attribute)?,
            None => item,
        };
        if index > 0 {
            joined.push_str(between.unwrap_or_default());
        }
        match item.as_str() {
            Some(text) => joined.push_str(text),
            None => joined.push_str(&to_json(&item).map_err(refused)?),
        }
        if joined.len() > MAX_OUTPUT {
            return Err(meter::too_large());
        }
    }
    meter::text(state, joined.len())?;
    Ok(joined)
}

fn sum(state: &mut State, list: &Value, named: Kwargs) -> Result<Value, Error> {
    let attribute = named.get::<Option<&str>>("attribute")?;
    let mut total = named
        .get::<Option<Value>>("start")?
        .unwrap_or_else(|| Value::from(0));
    named.assert_all_used()?;
    for item in items(state, list)? {
        let item = match attribute {
            Some(attribute) => attribute_of(&item, attribute)?,
            None => item,
        };
        if !item.is_number() {
            return Err(refused(format!(
                "only numbers can be summed up, not {}",
                super::named(&item)
            )));
        }
        total = add(state, total, item)?;
    }
    Ok(total)
}

fn range(
    state: &mut State,
    first: i64,
    end: Option<i64>,
    step: Option<i64>,
) -> Result<Vec<i64>, Error> {
    let (first, end) = match end {
        Some(end) => (first, end),
        None => (0, first),
    };
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(refused("the step of `range` cannot be 0"));
    }
    let mut numbers = Vec::new();
    let mut next = first;
    while if step > 0 { next < end } else { next > end } {
        if numbers.len() >= MAX_RANGE {
            return Err(refused(format!(
                "`range` counts at most {MAX_RANGE} numbers"
            )));
        }
        numbers.push(next);
        match next.checked_add(step) {
            Some(sum) => next = sum,
            None => break,
        }
    }
    meter::work(state, numbers.len())?;
    Ok(numbers)
}

/// The first of its arguments that is neither undefined nor null; null when there is none.
fn coalesce(values: &[Value]) -> Value {
    let there = |value: &&Value| !value.is_undefined() && !value.is_none();
    values
        .iter()
        .find(there)
        .cloned()
        .unwrap_or(Value::from(()))
}
