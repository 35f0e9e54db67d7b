//! The operators that the [meter](super::meter) watches.

use std::sync::LazyLock;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Expression, State, Value, context};

use super::{evaluate::to_json, meter, path, rewrite};

/// The library itself, for everything about operators that has nothing to do with size.
static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(Environment::new);
static PRODUCT: LazyLock<Operator> = LazyLock::new(|| operator("a * b"));
static SUM: LazyLock<Operator> = LazyLock::new(|| operator("a + b"));
static CONTAINS: LazyLock<Operator> = LazyLock::new(|| operator("a in b"));

type Operator = Expression<'static, 'static>;

fn operator(source: &'static str) -> Operator {
    PLAIN
        .compile_expression(source)
        .expect("the expression is a constant of this file")
}

/// An error without the place at which it stands in one of the constants above.
fn elsewhere(error: Error) -> Error {
    Error::new(error.kind(), error.detail().unwrap_or_default().to_owned())
}

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_function(rewrite::MULTIPLY, multiply);
    environment.add_function(rewrite::ADD, add);
    environment.add_function(rewrite::CONCATENATE, concatenate);
    environment.add_function(rewrite::CONTAINS, contains);
    environment.add_function(rewrite::LACKS, |state: &mut State, a: Value, b: Value| {
        contains(state, a, b).map(|contained| !contained)
    });
    environment.add_function(rewrite::LOOK_UP, look_up);
}

/// Which operand of an operator is undefined, said in the detail of an error: the caller knows what was written there.
pub(super) const LEFT: &str = "left";
pub(super) const RIGHT: &str = "right";

fn defined(a: &Value, b: &Value) -> Result<(), Error> {
    match (a.is_undefined(), b.is_undefined()) {
        (true, _) => Err(Error::new(ErrorKind::UndefinedError, LEFT)),
        (_, true) => Err(Error::new(ErrorKind::UndefinedError, RIGHT)),
        _ => Ok(()),
    }
}

fn multiply(state: &mut State, a: Value, b: Value) -> Result<Value, Error> {
    defined(&a, &b)?;
    if let (Some(a), Some(b)) = (whole(&a), whole(&b))
        && let Some(product) = a.checked_mul(b)
    {
        return Ok(Value::from(product));
    }
    for (repeated, times) in [(&a, &b), (&b, &a)] {
        let times = || times.as_usize().unwrap_or(0);
        if let Some(text) = repeated.as_str() {
            meter::text(state, text.len().saturating_mul(times()))?;
        } else if matches!(repeated.kind(), ValueKind::Seq | ValueKind::Iterable) {
            let items = repeated.len().unwrap_or(0).saturating_mul(times());
            meter::work(state, items)?;
        }
    }
    PRODUCT.eval(context! { a, b }).map_err(elsewhere)
}

pub(super) fn add(state: &mut State, a: Value, b: Value) -> Result<Value, Error> {
    defined(&a, &b)?;
    if let (Some(a), Some(b)) = (whole(&a), whole(&b))
        && let Some(sum) = a.checked_add(b)
    {
        return Ok(Value::from(sum));
    }
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
        meter::text(state, a.len() + b.len())?;
    }
    let sum = SUM.eval(context! { a, b }).map_err(elsewhere)?;
    if !sum.is_number() {
        meter::made(state, &sum)?;
    }
    Ok(sum)
}

/// A number that is written without a fraction.
fn whole(value: &Value) -> Option<i64> {
    if value.is_integer() {
        value.as_i64()
    } else {
        None
    }
}

/// Both as texts: what is none is written as JSON, as it is where it stands between text.
fn concatenate(state: &mut State, a: Value, b: Value) -> Result<Value, Error> {
    defined(&a, &b)?;
    let mut written = String::new();
    for part in [a, b] {
        match part.as_str() {
            Some(text) => written.push_str(text),
            None => written.push_str(
                &to_json(&part)
                    .map_err(|message| Error::new(ErrorKind::InvalidOperation, message))?,
            ),
        }
    }
    meter::text(state, written.len())?;
    Ok(Value::from(written))
}

fn contains(state: &mut State, a: Value, b: Value) -> Result<bool, Error> {
    defined(&a, &b)?;
    let looked_at = match b.kind() {
        ValueKind::Map => 1,
        _ => meter::cost(&b),
    };
    meter::work(state, looked_at)?;
    CONTAINS
        .eval(context! { a, b })
        .map(|found| found.is_true())
        .map_err(elsewhere)
}

/// Follows a lookup; what is missing, or missing on the way, is undefined and no error.
fn look_up(state: &mut State, written: &str) -> Value {
    let Some(mut segments) = path::parse(written) else {
        return Value::UNDEFINED;
    };
    let path::Segment::Name(first) = segments.remove(0) else {
        return Value::UNDEFINED;
    };
    let found = state.lookup(&first).unwrap_or(Value::UNDEFINED);
    path::follow(&segments, &found).unwrap_or(Value::UNDEFINED)
}

/// An iterator over the items of a list or the keys of an object, with its length counted.
pub(super) fn items(state: &mut State, value: &Value) -> Result<Vec<Value>, Error> {
    meter::work(state, value.len().unwrap_or(0))?;
    let mut items = Vec::new();
    for item in value.try_iter()? {
        if items.len() > super::MAX_WORK {
            return Err(Error::from(ErrorKind::OutOfFuel));
        }
        items.push(item);
    }
    Ok(items)
}
