//! Requests that came to hooks: those that brought an event are kept with it, the others as traces.

mod find;
mod kept;

pub use find::{InboundRequest, count, find, of_hook};
pub use kept::{KeptBody, KeptRequest};
