//! What is paid out, as the services count it.

use jackfield_plugin_sdk::Money;
use jackfield_plugin_sdk::prelude::*;
use serde_json::Number;

use crate::service::invalid;

/// As Stripe counts: hundredths of two currencies that have none any more, no fifths of the ariary, and no last digit of dinars.
/// <https://docs.stripe.com/currencies#minor-units>
pub(crate) fn for_stripe(money: &Money) -> Result<u64> {
    let units = money.units();
    match (money.currency().code(), money.currency().decimals()) {
        ("ISK" | "UGX", _) => units
            .checked_mul(100)
            .ok_or_else(|| invalid("amount is more than Stripe takes.")),
        ("MGA", _) if units.is_multiple_of(100) => Ok(units / 100),
        ("MGA", _) => Err(uneven(money, "1")),
        (_, 3) if !units.is_multiple_of(10) => Err(uneven(money, "0.010")),
        _ => Ok(units),
    }
}

fn uneven(money: &Money, step: &str) -> Error {
    let (shown, currency) = (money.shown(), money.currency());
    invalid(format!(
        "amount is {shown} {currency}, but Stripe takes {currency} in steps of {step}: round it first."
    ))
}

/// Dollars as a number, which is all that checks are made out in.
pub(crate) fn dollars(money: &Money) -> Result<Number> {
    if money.currency().code() != "USD" {
        return Err(invalid(format!(
            "currency is {}, but checks are made out in USD: pay by direct deposit, or another way.",
            money.currency()
        )));
    }
    let shown = money.shown();
    serde_json::from_str(&shown)
        .map_err(|_| invalid(format!("{shown} is no number that can be sent.")))
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::{AmountIn, Currency};

    use super::*;

    #[test]
    fn stripe_counts_some_currencies_in_its_own_way() {
        let sent = |amount: &str, currency: &str| {
            let amount = serde_json::from_value(json!(amount)).unwrap();
            let currency = Currency::new(currency).unwrap();
            let money = Money::new(amount, AmountIn::Major, currency).unwrap();
            for_stripe(&money).map_err(|error| error.message)
        };
        for (amount, currency, units) in [
            ("129.50", "USD", 12_950),
            ("5", "ISK", 500),
            ("5", "MGA", 5),
            ("5.12", "KWD", 5120),
        ] {
            assert_eq!(sent(amount, currency), Ok(units), "{currency}");
        }
        assert_eq!(
            sent("5.123", "KWD"),
            Err(
                "amount is 5.123 KWD, but Stripe takes KWD in steps of 0.010: round it first."
                    .to_owned()
            )
        );
    }
}
