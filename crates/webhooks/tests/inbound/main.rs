//! Webhooks on their way into a real database.

mod accept;
mod setting;
mod vector;
