//! Webhooks. [`inbound`] receives them: checks who sent, stores the event, starts what waits for it. [`publish`] takes the
//! events of a company's own product.

pub mod inbound;
pub mod publish;
