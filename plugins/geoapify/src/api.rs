use std::time::Duration;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use serde::de::DeserializeOwned;

/// Geoapify, <https://apidocs.geoapify.com/docs/geocoding/>. Errors are `{statusCode, error, message}`, where `error` is but the name of
/// the status. Limits are by the second, 5 of them in the free plan.
fn api() -> Api {
    let errors = Errors::new()
        .message("message")
        .message("error")
        .wait(429, Duration::from_secs(1));
    Api::new("https://api.geoapify.com").errors(errors)
}

/// Looks for places. Filters have a bar between them.
pub(crate) async fn search<T: DeserializeOwned>(
    context: &Context,
    path: &str,
    query: &impl Serialize,
) -> Result<T> {
    let request = api().request(context, "GET", path)?;
    api().fetch(request.query_members(query, "|")).await
}
