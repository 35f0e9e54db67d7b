use std::time::Duration;

use jackfield_plugin_sdk::rest::{Api, Errors};

/// Quo's API, <https://www.quo.com/docs/mdx/api-reference/introduction>. It takes 10 requests a second for each key, and knows no
/// idempotency key: a message that may have been sent is not sent again unless the workflow says so.
pub(crate) fn api() -> Api {
    Api::new("https://api.openphone.com")
        .header("Accept", "application/json")
        .errors(
            Errors::new()
                .code("code")
                .code("title")
                .message("errors[0].message")
                .message("message")
                .wait(429, Duration::from_secs(1)),
        )
}
