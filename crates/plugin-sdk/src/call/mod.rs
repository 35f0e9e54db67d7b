//! One call as a coroutine: a node's future, polled when the host resumes it, and the wire between the two.

mod ask;
mod cancelled;
mod coroutine;
mod start;
mod wire;

pub(crate) use ask::Ask;
pub use cancelled::Cancelled;
pub(crate) use coroutine::Coroutine;
pub(crate) use start::{Opened, Start, Work, answer, invalid_config};
pub(crate) use wire::Wire;
