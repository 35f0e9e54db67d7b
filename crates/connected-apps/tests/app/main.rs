//! Apps in a real database, for the provider of a real plugin.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

mod grant;
mod hook;
mod lifecycle;
mod rate_limit;
mod resource;
mod setting;
mod step;
