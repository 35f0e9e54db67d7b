use jackfield_plugin_sdk::rest::{Api, Errors};

/// Anthropic's API, <https://platform.claude.com/docs/en/api/overview>, in the version of October 2026, which knows no sampling
/// parameters any more. It has no idempotency keys: what may have been sent is not sent again unless the workflow says so.
pub(crate) fn api() -> Api {
    Api::new("https://api.anthropic.com")
        .header("Accept", "application/json")
        .header("anthropic-version", "2026-10-21")
        .errors(
            Errors::new()
                .code("error.type")
                .message("error.message")
                .retry_header("x-should-retry"),
        )
}
