use jackfield_plugin_sdk::rest::{Api, Errors};

/// Postmark's API, <https://postmarkapp.com/developer/api/overview>. It knows no idempotency key: a request that may have been
/// sent is not sent again unless the workflow says so.
pub(crate) fn api() -> Api {
    Api::new("https://api.postmarkapp.com")
        .header("Accept", "application/json")
        .errors(Errors::new().code("ErrorCode").message("Message"))
}
