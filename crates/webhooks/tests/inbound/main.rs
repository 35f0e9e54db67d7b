//! Webhooks on their way into a real database.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

mod accept;
mod repeat;
mod setting;
mod vector;
