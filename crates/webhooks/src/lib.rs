//! Webhooks. [`inbound`] receives them: checks who sent, stores the event, starts what waits for it. [`publish`] takes the
//! events of a company's own product, [`event_type`] keeps the catalogue of their types, and [`outbound`] sends events to
//! the endpoints that subscribe to them.

pub mod event_type;
pub mod inbound;
pub mod outbound;
pub mod publish;
mod sound;
