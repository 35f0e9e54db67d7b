//! Money in configs: what a person writes, and what it is in the currency's smallest units.

mod amount;
mod currency;

pub use amount::Amount;
pub use currency::Currency;
