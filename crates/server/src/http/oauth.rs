//! Where people come back to who were asked for access to their account at a provider.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield_connected_apps::{Callback, Completed, OAuthError, Secret};

use super::App;
use super::page::{escaped, page};

/// Takes what they come back with: RFC 6749, sections 4.1.2 and 4.1.2.1.
pub async fn callback(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let Some(callback) = read(&query.unwrap_or_default()) else {
        let text = "<p>Something of the link is missing. Start again where you began.</p>";
        return page(StatusCode::BAD_REQUEST, "This link is not complete", text);
    };
    match app.apps.complete_oauth(callback).await {
        Ok(completed) => granted(completed),
        Err(error) => failed(&error),
    }
}

fn read(query: &str) -> Option<Callback> {
    let mut callback = Callback {
        state: String::new(),
        code: None,
        error: None,
        others: Vec::new(),
    };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "state" => callback.state = value.into_owned(),
            "code" => callback.code = Some(Secret::new(value.into_owned())),
            "error" => callback.error = Some(value.into_owned()),
            _ => callback
                .others
                .push((name.into_owned(), value.into_owned())),
        }
    }
    (!callback.state.is_empty()).then_some(callback)
}

fn granted(completed: Completed) -> Response {
    let Completed { app, return_to } = completed;
    if let Some(mut url) = return_to {
        url.query_pairs_mut()
            .append_pair("connectedAppId", &app.id.to_string())
            .append_pair("status", "granted");
        return Redirect::to(url.as_str()).into_response();
    }
    let text = format!(
        "<p>{} has access now. You can close this page.</p>",
        escaped(&app.name)
    );
    page(StatusCode::OK, "Access granted", &text)
}

fn failed(error: &OAuthError) -> Response {
    let status = match error {
        OAuthError::Storage(_) | OAuthError::Seal(_) => {
            tracing::error!(%error, "what was granted can not be stored");
            let text = "<p>Try again in a moment.</p>";
            return page(StatusCode::SERVICE_UNAVAILABLE, "Not now", text);
        }
        OAuthError::Token(_) => StatusCode::BAD_GATEWAY,
        OAuthError::UnknownState | OAuthError::Refused(_) | OAuthError::App(_) => {
            StatusCode::BAD_REQUEST
        }
    };
    let text = format!("<p>{}.</p>", escaped(&error.to_string()));
    page(status, "Access was not granted", &text)
}
