//! Inbound webhooks.

mod body;
mod challenge;
mod identity;
mod public_url;
mod request;
mod sound;
mod verify;

pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use request::{Accepted, Answer, InboundRequest, Rejected};
