//! The plugin `authorize-net`, from the connected app to the money.

mod connect;
mod pay;
