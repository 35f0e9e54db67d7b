//! Webhooks. [`inbound`] receives them: checks who sent, stores the event, starts what waits for it.

pub mod inbound;
