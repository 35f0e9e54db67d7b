//! HTTP by host calls.

mod form;
mod request;
mod response;
mod retry;

pub use form::encode_form;
pub use request::{Http, Request};
pub use response::Response;
