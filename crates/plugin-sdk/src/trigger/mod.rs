//! Nodes that start runs: those that are asked, and those that are told.

mod event;
mod poll;
mod request;
mod webhook;

pub use event::Event;
pub(crate) use poll::start_poll;
pub use poll::{Poll, Polled, Since};
pub use request::InboundRequest;
pub use webhook::{Reception, Webhook};
pub(crate) use webhook::{receive, start_webhook};
