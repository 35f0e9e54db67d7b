//! Apps in a real database, for the provider of a real plugin.

mod lifecycle;
mod setting;
mod step;
