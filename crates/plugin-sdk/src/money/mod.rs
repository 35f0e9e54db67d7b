//! Money in configs: what a person writes, and what it is in the currency's smallest units.

mod amount;
mod currency;
mod price;

pub use amount::Amount;
pub use currency::Currency;
pub use price::{AmountIn, Money, Portion, Price};
