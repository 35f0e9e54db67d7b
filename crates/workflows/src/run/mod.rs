//! What people do with runs: cancel them, and answer for steps of which nobody knows whether they happened.

mod cancel;
mod resolve;

pub use cancel::CancelRun;
pub use resolve::{Resolution, ResolveStep};
