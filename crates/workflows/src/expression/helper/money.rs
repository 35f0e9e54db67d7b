//! Money in minor units: whole numbers of cents, yen or fils. Nothing here is computed in binary fractions.

use minijinja::{Environment, Error, State, Value};

use super::currency::decimals;
use super::decimal::{Decimal, rounded};
use super::refused;
use crate::expression::meter;

/// The most parts an amount is split into.
const MAX_PARTS: usize = 10_000;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("currency_decimals", decimals);
    environment.add_filter("to_minor", to_minor);
    environment.add_filter("from_minor", from_minor);
    environment.add_filter("money", money);
    environment.add_filter("percent", percent);
    environment.add_filter("split_amount", split_amount);
}

/// `"12.50" | to_minor("EUR")`: 1250. What cannot be paid in that currency is refused, not rounded.
fn to_minor(amount: &Value, currency: &str) -> Result<Value, Error> {
    let places = decimals(currency)?;
    let (minor, exact) = Decimal::of(amount)?.scaled(places);
    match exact {
        true => small(minor),
        false => Err(refused(format!(
            "{amount} has more decimals than {currency}, which has {places}; round it first"
        ))),
    }
}

/// `1250 | from_minor("EUR")`: `12.50`, as a text, because a number would lose the zero.
fn from_minor(minor: &Value, currency: &str) -> Result<String, Error> {
    let (places, minor) = (decimals(currency)?, units(minor)?);
    if places == 0 {
        return Ok(minor.to_string());
    }
    let unit = 10_i128.pow(places);
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (minor.abs() / unit, minor.abs() % unit);
    Ok(format!(
        "{sign}{whole}.{rest:0width$}",
        width = places as usize
    ))
}

/// `1250 | money("EUR")`: `12.50 EUR`.
fn money(minor: &Value, currency: &str) -> Result<String, Error> {
    let amount = from_minor(minor, currency)?;
    Ok(format!("{amount} {}", currency.trim().to_ascii_uppercase()))
}

/// `1999 | percent(19)`: 380. Halves go away from zero.
fn percent(minor: &Value, rate: &Value) -> Result<Value, Error> {
    let (minor, rate) = (units(minor)?, Decimal::of(rate)?);
    let product = minor
        .checked_mul(rate.digits)
        .ok_or_else(|| refused("the amount is too large"))?;
    small(rounded(product, 100 * 10_i128.pow(rate.places)))
}

/// `1000 | split_amount(3)`: `[334, 333, 333]`; `1000 | split_amount([3, 1])`: `[750, 250]`. The parts always add up.
fn split_amount(state: &mut State, minor: &Value, parts: &Value) -> Result<Vec<Value>, Error> {
    let minor = units(minor)?;
    let weights = weights(state, parts)?;
    let total: i128 = weights.iter().sum();
    if total == 0 {
        return Err(refused("there has to be at least one part"));
    }
    let mut shares: Vec<i128> = weights
        .iter()
        .map(|weight| minor * weight / total)
        .collect();
    let mut rest = minor - shares.iter().sum::<i128>();
    for (share, _) in shares
        .iter_mut()
        .zip(&weights)
        .filter(|(_, weight)| **weight > 0)
    {
        *share += rest.signum();
        rest -= rest.signum();
    }
    shares.into_iter().map(small).collect()
}

fn weights(state: &mut State, parts: &Value) -> Result<Vec<i128>, Error> {
    let weights = match parts.as_usize().filter(|_| parts.is_number()) {
        Some(count) if count > MAX_PARTS => {
            Err(refused(format!("there may be at most {MAX_PARTS} parts")))
        }
        Some(count) => Ok(vec![1; count]),
        None if parts.len().is_some_and(|count| count > MAX_PARTS) => {
            Err(refused(format!("there may be at most {MAX_PARTS} parts")))
        }
        None => parts.try_iter()?.map(|weight| weight_of(&weight)).collect(),
    }?;
    meter::work(state, weights.len())?;
    Ok(weights)
}

fn weight_of(value: &Value) -> Result<i128, Error> {
    let weight = value
        .as_i64()
        .filter(|weight| (0..=1_000_000).contains(weight) && value.is_integer());
    let weight = weight.ok_or_else(|| {
        refused("the weight of a part has to be a whole number from 0 to 1,000,000")
    })?;
    Ok(weight.into())
}

/// An amount in minor units.
fn units(value: &Value) -> Result<i128, Error> {
    match Decimal::of(value)?.scaled(0) {
        (minor, true) => Ok(minor),
        (_, false) => Err(refused(format!(
            "{value} is no amount in minor units; those are whole numbers, see `to_minor`"
        ))),
    }
}

fn small(minor: i128) -> Result<Value, Error> {
    i64::try_from(minor)
        .map(Value::from)
        .map_err(|_| refused("the amount is too large"))
}
