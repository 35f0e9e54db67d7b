//! Amounts as QuickBooks has them: JSON numbers with decimals.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Amount, Currency};
use serde_json::Number;

use crate::api::invalid;

/// QuickBooks keeps prices with so many decimals.
const PRICE_PLACES: u32 = 7;
/// And quantities with so many.
const QUANTITY_PLACES: u32 = 5;

/// The number that is written.
pub(super) fn number(amount: &Amount) -> Result<Number> {
    serde_json::from_str(&amount.to_string())
        .map_err(|_| invalid(format!("{amount} is no number that can be sent.")))
}

/// An amount of money, which may have no more decimals than its currency. Without a currency it is the company's, which most
/// likely has two.
pub(super) fn money(field: &str, amount: &Amount, currency: Option<&Currency>) -> Result<Number> {
    let places = places(currency);
    if amount.units(places).is_none() {
        return Err(invalid(format!(
            "{field} is {amount}, which has more than {places} decimals: round it first."
        )));
    }
    number(amount)
}

/// What so many cost at that price, rounded half up as QuickBooks does: it refuses a line whose amount is another.
pub(super) fn product(
    quantity: &Amount,
    price: &Amount,
    currency: Option<&Currency>,
) -> Result<Amount> {
    let given = |name: &str, amount: &Amount, places: u32| {
        amount.units(places).ok_or_else(|| {
            invalid(format!(
                "{name} is {amount}, which QuickBooks does not keep: it takes {places} decimals."
            ))
        })
    };
    let quantity = u128::from(given("quantity", quantity, QUANTITY_PLACES)?);
    let price = u128::from(given("unitPrice", price, PRICE_PLACES)?);
    let places = places(currency);
    let unit = 10_u128.pow(PRICE_PLACES + QUANTITY_PLACES - places);
    let units = (quantity * price + unit / 2) / unit;
    let units = u64::try_from(units)
        .map_err(|_| invalid("quantity and unitPrice make more than QuickBooks can keep."))?;
    Ok(Amount::of_units(units, places))
}

fn places(currency: Option<&Currency>) -> u32 {
    currency.map_or(2, Currency::decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        serde_json::from_value(json!(text)).unwrap()
    }

    #[test]
    fn a_line_costs_what_its_parts_make() {
        for (quantity, price, currency, expected) in [
            ("3", "36.965", None, "110.90"),
            ("3.5", "36.965", None, "129.38"),
            ("0.1", "0.05", None, "0.01"),
            ("2", "500", Some("JPY"), "1000"),
            ("1.5", "0.333", Some("KWD"), "0.500"),
        ] {
            let currency = currency.and_then(Currency::new);
            let made = product(&amount(quantity), &amount(price), currency.as_ref()).unwrap();
            assert_eq!(made.to_string(), expected, "{quantity} at {price}");
        }
        let refused = product(&amount("0.000001"), &amount("1"), None).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "INVALID_CONFIG: quantity is 0.000001, which QuickBooks does not keep: it takes 5 decimals."
        );
        assert!(product(&amount("999999999999"), &amount("99999999999"), None).is_err());
    }

    #[test]
    fn money_has_the_decimals_of_its_currency() {
        let sent = |text: &str, currency: &str| {
            money("amount", &amount(text), Currency::new(currency).as_ref())
                .map(|number| number.to_string())
                .map_err(|error| error.message)
        };
        assert_eq!(sent("129.38", "EUR"), Ok("129.38".to_owned()));
        assert_eq!(sent("12.50", "USD"), Ok("12.5".to_owned()));
        assert_eq!(sent("500", "JPY"), Ok("500".to_owned()));
        assert_eq!(
            sent("12.345", "EUR"),
            Err("amount is 12.345, which has more than 2 decimals: round it first.".to_owned())
        );
    }
}
