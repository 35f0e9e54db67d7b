use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use serde::de::DeserializeOwned;

/// The version whose requests and answers this plugin knows.
const VERSION: &str = "2026-10-28.endive";

/// The header that names the account of Stripe Connect to act for.
const ACCOUNT: &str = "Stripe-Account";

/// Stripe's API, <https://docs.stripe.com/api>. It acts for the account of the connected app's setting `account`, if there is one.
/// Errors: <https://docs.stripe.com/error-low-level>.
pub(crate) fn api() -> Api {
    let errors = Errors::new()
        .code("error.code")
        .code("error.type")
        .message("error.message")
        .retry_statuses(&[409])
        .retry_codes(&["lock_timeout", "rate_limit"])
        .final_codes(&["idempotency_error"])
        .credential_codes(&["api_key_expired", "platform_api_key_expired"])
        .retry_header("stripe-should-retry");
    Api::new("https://api.stripe.com")
        .header("Stripe-Version", VERSION)
        .header_from(ACCOUNT, "account")
        .forms()
        .idempotent()
        .errors(errors)
}

/// The API for this account of Stripe Connect.
pub(crate) fn api_for(account: Option<&str>) -> Api {
    match account.filter(|account| !account.is_empty()) {
        Some(account) => api().header(ACCOUNT, account),
        None => api(),
    }
}

/// Has Stripe do something once, however often the step is tried.
pub(crate) async fn post<T: DeserializeOwned>(
    context: &Context,
    account: Option<&str>,
    path: &str,
    body: &impl Serialize,
) -> Result<T> {
    let api = api_for(account);
    let request = api.request(context, "POST", path)?;
    api.fetch(request.idempotent().form(body)).await
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
