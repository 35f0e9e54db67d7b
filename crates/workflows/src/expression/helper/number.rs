//! Numbers.

use minijinja::{Environment, Error, Value};

use super::refused;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("ceil", |value: f64| integral(value.ceil()));
    environment.add_filter("floor", |value: f64| integral(value.floor()));
    environment.add_filter("clamp", clamp);
}

fn integral(value: f64) -> Result<i64, Error> {
    match value.abs() < 9e15 {
        true => Ok(value as i64),
        false => Err(refused("the number is too large")),
    }
}

fn clamp(value: Value, least: Value, most: Value) -> Result<Value, Error> {
    if !(value.is_number() && least.is_number() && most.is_number()) {
        return Err(refused("`clamp` is for numbers"));
    }
    if least > most {
        return Err(refused(format!("{least} is more than {most}")));
    }
    Ok(value.max(least).min(most))
}
