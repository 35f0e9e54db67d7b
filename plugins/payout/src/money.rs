//! What is paid out.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Amount, Currency};
use serde_json::Number;

use crate::service::invalid;

/// What an amount is counted in.
#[derive(Clone, Copy, Config, PartialEq)]
pub(crate) enum AmountIn {
    /// As people write it: 12.50 is 12.50 USD.
    #[field(label = "Whole units with decimals")]
    Major,
    /// As Stripe's events have it: 1250 is 12.50 USD.
    #[field(label = "Smallest units")]
    Minor,
}

/// An amount of a currency, in its smallest units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Money {
    units: u64,
    currency: Currency,
}

impl Money {
    /// # Errors
    /// When the amount has more decimals than the currency, or is nothing.
    pub(crate) fn new(amount: Amount, counted: AmountIn, currency: Currency) -> Result<Self> {
        let decimals = match counted {
            AmountIn::Major => currency.decimals(),
            AmountIn::Minor => 0,
        };
        match amount.units(decimals) {
            Some(0) => Err(invalid("amount is 0: there is nothing to pay out.")),
            Some(units) => Ok(Self { units, currency }),
            None if counted == AmountIn::Minor => Err(invalid(format!(
                "amount is {amount}, but smallest units are whole numbers: for an amount with decimals set amountIn to major."
            ))),
            None => Err(invalid(format!(
                "amount is {amount}, but {currency} has {decimals} decimals: round it first."
            ))),
        }
    }

    /// As people write it.
    pub(crate) fn shown(&self) -> String {
        Amount::of_units(self.units, self.currency.decimals()).to_string()
    }

    /// In the currency's smallest units.
    pub(crate) fn units(&self) -> u64 {
        self.units
    }

    pub(crate) fn currency(&self) -> &Currency {
        &self.currency
    }

    /// As Stripe counts: hundredths of two currencies that have none any more, no fifths of the ariary, and no last digit of
    /// dinars. <https://docs.stripe.com/currencies#minor-units>
    pub(crate) fn for_stripe(&self) -> Result<u64> {
        match (self.currency.code(), self.currency.decimals()) {
            ("ISK" | "UGX", _) => self
                .units
                .checked_mul(100)
                .ok_or_else(|| invalid("amount is more than Stripe takes.")),
            ("MGA", _) if self.units.is_multiple_of(100) => Ok(self.units / 100),
            ("MGA", _) => Err(self.uneven("1")),
            (_, 3) if !self.units.is_multiple_of(10) => Err(self.uneven("0.010")),
            _ => Ok(self.units),
        }
    }

    fn uneven(&self, step: &str) -> Error {
        let (shown, currency) = (self.shown(), &self.currency);
        invalid(format!(
            "amount is {shown} {currency}, but Stripe takes {currency} in steps of {step}: round it first."
        ))
    }

    /// Dollars as a number, which is all that checks are made out in.
    pub(crate) fn dollars(&self) -> Result<Number> {
        if self.currency.code() != "USD" {
            return Err(invalid(format!(
                "currency is {}, but checks are made out in USD: pay by direct deposit, or another way.",
                self.currency
            )));
        }
        let shown = self.shown();
        serde_json::from_str(&shown)
            .map_err(|_| invalid(format!("{shown} is no number that can be sent.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, counted: AmountIn, currency: &str) -> Result<Money, String> {
        let amount = serde_json::from_value(json!(amount)).unwrap();
        Money::new(amount, counted, Currency::new(currency).unwrap()).map_err(|error| error.message)
    }

    #[test]
    fn amounts_are_counted_in_either_way() {
        let major = |amount: &str, currency: &str| {
            money(amount, AmountIn::Major, currency).map(|money| (money.units(), money.shown()))
        };
        assert_eq!(major("129.5", "USD"), Ok((12_950, "129.50".to_owned())));
        assert_eq!(major("500", "JPY"), Ok((500, "500".to_owned())));
        assert_eq!(
            major("1.5", "JPY"),
            Err("amount is 1.5, but JPY has 0 decimals: round it first.".to_owned())
        );
        assert_eq!(
            major("0.00", "USD"),
            Err("amount is 0: there is nothing to pay out.".to_owned())
        );
        let minor = money("12950", AmountIn::Minor, "USD").unwrap();
        assert_eq!(minor.shown(), "129.50");
        assert!(money("129.5", AmountIn::Minor, "USD").is_err());
    }

    #[test]
    fn stripe_counts_some_currencies_in_its_own_way() {
        let sent = |amount: &str, currency: &str| {
            let money = money(amount, AmountIn::Major, currency)?;
            money.for_stripe().map_err(|error| error.message)
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
