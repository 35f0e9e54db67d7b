use jackfield_plugin_abi::messages::{CallError, code};

use super::{Amount, Currency};
use crate::{Config, Result};

/// What an amount is counted in.
#[derive(Clone, Copy, Debug, Config, PartialEq, Eq)]
#[config(label = "Amount in")]
pub enum AmountIn {
    /// As events of most providers have it: 1250 is 12.50 EUR, and 500 is 500 JPY.
    #[field(label = "Smallest units")]
    Minor,
    /// As people write it: 12.50 is 12.50 EUR.
    #[field(label = "Whole units with decimals")]
    Major,
}

/// What is to be paid, as a part of a config: `amount`, `amountIn` and `currency`.
///
/// ```
/// # use jackfield_plugin_sdk::Price;
/// let price: Price = serde_json::from_str(r#"{"amount": "12.5", "amountIn": "major", "currency": "eur"}"#).unwrap();
/// let money = price.money().unwrap();
/// assert_eq!((money.units(), money.shown().as_str(), money.currency().code()), (1250, "12.50", "EUR"));
/// ```
#[derive(Clone, Debug, Config)]
pub struct Price {
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

/// How much of a payment is meant, as a part of a config: all of it where `amount` is absent.
#[derive(Clone, Debug, Config)]
pub struct Portion {
    /// How much, in the currency's smallest units unless told otherwise; all that is left unless given.
    #[field(example = 1250)]
    amount: Option<Amount>,
    /// What the amount is counted in.
    #[field(default = AmountIn::Minor)]
    amount_in: AmountIn,
    /// The payment's currency, where there is an amount.
    #[field(placeholder = "EUR")]
    currency: Option<Currency>,
}

/// An amount of a currency, more than nothing, in its smallest units (ISO 4217).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    units: u64,
    currency: Currency,
}

impl Price {
    /// # Errors
    /// [`code::INVALID_CONFIG`] when the amount has more decimals than the currency, or is nothing.
    pub fn money(&self) -> Result<Money> {
        Money::new(self.amount, self.amount_in, self.currency.clone())
    }
}

impl Portion {
    /// None for all of it.
    ///
    /// # Errors
    /// [`code::INVALID_CONFIG`] when the amount has more decimals than the currency, is nothing, or has no currency.
    pub fn money(&self) -> Result<Option<Money>> {
        let Some(amount) = self.amount else {
            return Ok(None);
        };
        let currency = self.currency.clone();
        let currency = currency.ok_or_else(|| {
            invalid("currency is missing: it says how many decimals the amount has.".to_owned())
        })?;
        Money::new(amount, self.amount_in, currency).map(Some)
    }
}

impl Money {
    /// # Errors
    /// [`code::INVALID_CONFIG`] when the amount has more decimals than the currency, or is nothing.
    pub fn new(amount: Amount, counted: AmountIn, currency: Currency) -> Result<Self> {
        let decimals = match counted {
            AmountIn::Major => currency.decimals(),
            AmountIn::Minor => 0,
        };
        match amount.units(decimals) {
            Some(0) => Err(invalid("amount is 0: there is nothing to pay.".to_owned())),
            Some(units) => Ok(Self { units, currency }),
            None if counted == AmountIn::Minor => Err(invalid(format!(
                "amount is {amount}, but smallest units are whole numbers: for an amount with decimals set amountIn to major."
            ))),
            None => Err(invalid(format!(
                "amount is {amount}, but {currency} has {decimals} decimals: round it first."
            ))),
        }
    }

    /// In the currency's smallest units.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// The currency.
    pub fn currency(&self) -> &Currency {
        &self.currency
    }

    /// As people write it, with all of the currency's decimals: `12.50`.
    pub fn shown(&self) -> String {
        Amount::of_units(self.units, self.currency.decimals()).to_string()
    }
}

fn invalid(message: String) -> CallError {
    CallError::new(code::INVALID_CONFIG, message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shown(price: Value) -> Result<(u64, String), String> {
        let price: Price = serde_json::from_value(price).unwrap();
        let money = price.money().map_err(|error| error.message)?;
        Ok((money.units(), money.shown()))
    }

    #[test]
    fn amounts_are_counted_in_either_way() {
        let major = |amount: Value, currency: &str| {
            shown(json!({"amount": amount, "amountIn": "major", "currency": currency}))
        };
        assert_eq!(
            shown(json!({"amount": 12950, "currency": "usd"})),
            Ok((12_950, "129.50".to_owned()))
        );
        assert_eq!(
            major(json!("129.5"), "USD"),
            Ok((12_950, "129.50".to_owned()))
        );
        assert_eq!(major(json!(500), "JPY"), Ok((500, "500".to_owned())));
        assert_eq!(major(json!("1.5"), "KWD"), Ok((1500, "1.500".to_owned())));
        assert_eq!(
            major(json!("1.5"), "JPY"),
            Err("amount is 1.5, but JPY has 0 decimals: round it first.".to_owned())
        );
        assert_eq!(
            major(json!(0), "USD"),
            Err("amount is 0: there is nothing to pay.".to_owned())
        );
        assert_eq!(
            shown(json!({"amount": 12.5, "currency": "USD"})),
            Err("amount is 12.5, but smallest units are whole numbers: for an amount with decimals set amountIn to major.".to_owned())
        );
    }

    #[test]
    fn a_portion_is_all_of_it_without_an_amount() {
        let money = |portion: Value| {
            let portion: Portion = serde_json::from_value(portion).unwrap();
            portion.money().map_err(|error| error.message)
        };
        assert_eq!(money(json!({})), Ok(None));
        let some = money(json!({"amount": 250, "currency": "KWD"})).unwrap();
        assert_eq!(some.unwrap().shown(), "0.250");
        assert_eq!(
            money(json!({"amount": 5})),
            Err("currency is missing: it says how many decimals the amount has.".to_owned())
        );
    }
}
