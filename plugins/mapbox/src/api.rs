use std::time::Duration;

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use serde::de::DeserializeOwned;

/// Where Mapbox says what went wrong: <https://docs.mapbox.com/api/search/geocoding/#geocoding-api-errors>,
/// <https://docs.mapbox.com/api/navigation/directions/#directions-api-errors>. Its limits end at `X-Rate-Limit-Reset`.
fn errors() -> Errors {
    Errors::new()
        .code("code")
        .code("error_code")
        .message("message")
        .message("error")
        .message("code")
        .reset_header("X-Rate-Limit-Reset")
        .wait(429, Duration::from_secs(5))
}

fn with(errors: Errors) -> Api {
    Api::new("https://api.mapbox.com").errors(errors)
}

/// Of searches the status says whether they went well.
pub(crate) fn searches() -> Api {
    with(errors())
}

/// Of routes `code` says it, also with status 200.
pub(crate) fn routes() -> Api {
    with(errors().ok_is("code", "Ok"))
}

/// Isochrones have a `code` only where something went wrong.
pub(crate) fn isochrones() -> Api {
    with(errors().fault_at("code"))
}

/// Of tokens `code` says what they are, with status 200.
pub(crate) fn tokens() -> Api {
    let refused = [
        "TokenMalformed",
        "TokenInvalid",
        "TokenExpired",
        "TokenRevoked",
    ];
    with(
        errors()
            .ok_is("code", "TokenValid")
            .credential_codes(&refused),
    )
}

/// Asks for something. Members of `query` are its parameters: lists with commas.
pub(crate) async fn get<T: DeserializeOwned>(
    api: Api,
    context: &Context,
    path: &str,
    query: &impl Serialize,
) -> Result<T> {
    let request = api.request(context, "GET", path)?;
    api.fetch(request.query_members(query, ",")).await
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
