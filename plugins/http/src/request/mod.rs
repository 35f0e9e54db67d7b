//! From config to request.

mod body;
mod fields;
mod timeout;

pub(crate) use body::{BodyFormat, put_body};
pub(crate) use fields::Fields;
pub(crate) use timeout::Timeout;

use jackfield_plugin_sdk::Request;

/// Asks for JSON first, and takes anything.
const ACCEPT: &str = "application/json, text/plain, */*";

/// Adds the headers of the config, and those that a request of ours has unless the config says otherwise.
pub(crate) fn put_headers(
    mut request: Request,
    headers: &Fields,
    idempotency_key: Option<&str>,
) -> Request {
    for (name, value) in headers.iter() {
        request = request.header(name, value);
    }
    if !request.has_header("accept") {
        request = request.header("accept", ACCEPT);
    }
    match idempotency_key {
        Some(key) if !request.has_header("idempotency-key") => {
            request.header("idempotency-key", key)
        }
        _ => request,
    }
}
