//! One call as a coroutine: a node's future, polled when the host resumes it, and the wire between the two.

mod ask;
mod coroutine;
mod wire;

pub(crate) use ask::Ask;
pub(crate) use coroutine::Coroutine;
pub(crate) use wire::Wire;
