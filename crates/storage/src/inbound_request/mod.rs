//! Requests that came to hooks: those that brought an event are kept with it, the others as traces.

mod find;
mod kept;

pub use find::{InboundRequest, counts, find, pages, received_last};
pub use kept::{KeptBody, KeptRequest};
