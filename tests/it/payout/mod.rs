//! The plugin `payout`, from the connected app to the money.

mod connect;
mod pay;
