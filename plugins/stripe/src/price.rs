//! Amounts as Stripe counts them: <https://docs.stripe.com/currencies#minor-units>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Amount, AmountIn, Currency};
use serde::Serializer;
use serde::ser::{Error as _, SerializeStruct};

/// What is to be paid.
#[derive(Config)]
pub(crate) struct Price {
    /// How much, in the currency's smallest units unless told otherwise.
    #[field(example = 1250)]
    amount: Amount,
    /// What the amount is counted in.
    #[field(default = AmountIn::Minor)]
    amount_in: AmountIn,
    /// The currency's code of three letters.
    #[field(example = &"EUR", placeholder = "EUR")]
    currency: Currency,
}

/// How much of a payment is meant.
#[derive(Config)]
pub(crate) struct Portion {
    /// How much, in the currency's smallest units unless told otherwise; all that is left unless given.
    #[field(example = 1250)]
    amount: Option<Amount>,
    /// What the amount is counted in.
    #[field(default = AmountIn::Minor)]
    amount_in: AmountIn,
    /// The payment's currency, where the amount has decimals.
    #[field(shown_when(amount_in = "major"), placeholder = "EUR")]
    currency: Option<Currency>,
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let amount = units(self.amount, self.amount_in, Some(&self.currency));
        let mut body = serializer.serialize_struct("Price", 2)?;
        body.serialize_field("amount", &amount.map_err(S::Error::custom)?)?;
        body.serialize_field("currency", &self.currency.code().to_ascii_lowercase())?;
        body.end()
    }
}

impl Serialize for Portion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let in_units = |amount| units(amount, self.amount_in, self.currency.as_ref());
        let amount = self.amount.map(in_units).transpose();
        let mut body = serializer.serialize_struct("Portion", 1)?;
        body.serialize_field("amount", &amount.map_err(S::Error::custom)?)?;
        body.end()
    }
}

/// How many decimals Stripe counts for a currency. It counts hundredths of two that have none any more, and no fifths of the ariary.
pub(crate) fn decimals(currency: &Currency) -> u32 {
    match currency.code() {
        "ISK" | "UGX" => 2,
        "MGA" => 0,
        _ => currency.decimals(),
    }
}

/// What amounts of a currency have to be multiples of: the last digit of dinars and the decimals of two currencies that have none
/// any more have to be zero.
fn step(currency: &Currency) -> u64 {
    match (currency.code(), currency.decimals()) {
        ("ISK" | "UGX", _) => 100,
        (_, 3) => 10,
        _ => 1,
    }
}

fn units(amount: Amount, counted: AmountIn, currency: Option<&Currency>) -> Result<u64, String> {
    let Some(currency) = currency else {
        return match counted {
            AmountIn::Minor => amount.units(0).ok_or_else(|| fraction(amount)),
            AmountIn::Major => {
                Err("currency is missing: it says how many decimals the amount has".to_owned())
            }
        };
    };
    let places = decimals(currency);
    let units = match counted {
        AmountIn::Minor => amount.units(0).ok_or_else(|| fraction(amount))?,
        AmountIn::Major => amount.units(places).ok_or_else(|| {
            format!("amount is {amount}, but {currency} has {places} decimals; round it first")
        })?,
    };
    let step = step(currency);
    if units.is_multiple_of(step) {
        return Ok(units);
    }
    let (shown, step) = (
        Amount::of_units(units, places),
        Amount::of_units(step, places),
    );
    Err(format!(
        "amount is {shown} {currency}, but Stripe takes {currency} in steps of {step}; round it first"
    ))
}

fn fraction(amount: Amount) -> String {
    format!(
        "amount is {amount}, but smallest units are whole numbers; for an amount with decimals set amountIn to major"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(price: Value) -> Result<Value, String> {
        let price: Price = serde_json::from_value(price).map_err(|error| error.to_string())?;
        serde_json::to_value(&price).map_err(|error| error.to_string())
    }

    fn major(amount: Value, currency: &str) -> Result<Value, String> {
        sent(json!({"amount": amount, "amountIn": "major", "currency": currency}))
            .map(|sent| sent["amount"].clone())
    }

    #[test]
    fn smallest_units_are_sent_as_they_are() {
        assert_eq!(
            sent(json!({"amount": 1250, "currency": "EUR"})),
            Ok(json!({"amount": 1250, "currency": "eur"}))
        );
        assert_eq!(
            sent(json!({"amount": "500", "currency": "jpy"})),
            Ok(json!({"amount": 500, "currency": "jpy"}))
        );
        assert_eq!(
            sent(json!({"amount": 12.5, "currency": "EUR"})),
            Err("amount is 12.5, but smallest units are whole numbers; for an amount with decimals set amountIn to major".to_owned())
        );
    }

    #[test]
    fn decimals_are_those_that_stripe_counts() {
        for (amount, currency, units) in [
            (json!(12.5), "EUR", 1250),
            (json!("0.07"), "USD", 7),
            (json!(500), "JPY", 500),
            (json!("5.12"), "KWD", 5120),
            (json!(5), "UGX", 500),
            (json!(5), "ISK", 500),
            (json!(5), "MGA", 5),
        ] {
            assert_eq!(major(amount, currency), Ok(json!(units)), "{currency}");
        }
        assert_eq!(
            major(json!("1.5"), "JPY"),
            Err("amount is 1.5, but JPY has 0 decimals; round it first".to_owned())
        );
        assert_eq!(
            major(json!("5.123"), "KWD"),
            Err(
                "amount is 5.123 KWD, but Stripe takes KWD in steps of 0.010; round it first"
                    .to_owned()
            )
        );
        assert_eq!(
            major(json!("5.50"), "ISK"),
            Err(
                "amount is 5.50 ISK, but Stripe takes ISK in steps of 1.00; round it first"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_portion_needs_a_currency_only_for_decimals() {
        let sent = |portion: Value| {
            let portion: Portion = serde_json::from_value(portion).unwrap();
            serde_json::to_value(&portion).map_err(|error| error.to_string())
        };
        assert_eq!(sent(json!({"amount": 5})), Ok(json!({"amount": 5})));
        assert_eq!(sent(json!({})), Ok(json!({"amount": null})));
        let in_major = json!({"amount": 5, "amountIn": "major", "currency": "eur"});
        assert_eq!(sent(in_major), Ok(json!({"amount": 500})));
        assert_eq!(
            sent(json!({"amount": 5, "amountIn": "major"})),
            Err("currency is missing: it says how many decimals the amount has".to_owned())
        );
    }
}
