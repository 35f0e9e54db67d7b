//! The host with real plugins, in C and in Rust, over both transports.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

mod cancel;
mod check;
mod effects;
mod frozen;
mod health;
mod hostile;
mod journal;
mod load;
mod operations;
mod reload;
mod requests;
mod sandbox;
mod shop;
mod trust;
mod tutorial;
mod world;
