//! The host with real plugins, in C and in Rust, over both transports.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

mod check;
mod effects;
mod frozen;
mod hostile;
mod load;
mod requests;
mod trust;
mod tutorial;
mod world;
