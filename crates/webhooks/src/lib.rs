//! Webhooks. [`inbound`] receives them: checks who sent, stores the event, starts what waits for it. [`publish`] takes the
//! events of a company's own product, and [`event_type`] keeps the catalogue of their types.

pub mod event_type;
pub mod inbound;
pub mod publish;
mod sound;
