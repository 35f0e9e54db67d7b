//! The account, and where its API is: each lives in one of Mailchimp's data centers, by whose name its address begins.

use std::time::Duration;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Request, code};

/// Mailchimp's API of an account.
pub(crate) struct Account(Api);

impl Account {
    /// The API of the node's connected app.
    pub(crate) async fn of(context: &Context) -> Result<Self> {
        let server = match context.of_app("server").await? {
            Some(server) => checked(&server)?,
            None => {
                return Err(unknown(
                    "It is not known in which data center the account is",
                ));
            }
        };
        let api = Api::new(&format!("https://{server}.api.mailchimp.com/3.0"));
        Ok(Self(api.errors(errors())))
    }

    pub(crate) fn request(&self, context: &Context, method: &str, path: &str) -> Result<Request> {
        self.0.request(context, method, path)
    }

    pub(crate) async fn send(&self, request: Request) -> Result<Value> {
        self.0.send(request).await.map_err(told)
    }
}

/// Problem details (RFC 7807), <https://mailchimp.com/developer/marketing/docs/errors/>. Ten requests of an account may be under way at
/// once; there is no other limit, and none says when it ends.
fn errors() -> Errors {
    Errors::new()
        .code("title")
        .message("detail")
        .message("title")
        .credential_codes(&[
            "API Key Invalid",
            "API Key Missing",
            "User Disabled",
            "Wrong Datacenter",
        ])
        .wait(429, Duration::from_secs(2))
}

/// The error with what is wrong of each field, which the detail only hints at.
fn told(mut error: Error) -> Error {
    let body: Option<Value> = error
        .data
        .as_ref()
        .and_then(|data| serde_json::from_str(data.get()).ok());
    let errors = body.as_ref().and_then(|body| body["errors"].as_array());
    for wrong in errors.into_iter().flatten() {
        let Some(message) = wrong["message"].as_str().map(str::trim) else {
            continue;
        };
        let stop = if message.ends_with(['.', '!', '?']) {
            ""
        } else {
            "."
        };
        let field = wrong["field"].as_str().filter(|field| !field.is_empty());
        error.message += &match field {
            Some(field) => format!(" {field}: {message}{stop}"),
            None => format!(" {message}{stop}"),
        };
    }
    error
}

/// It has to be a name and nothing else, for it is a part of the host's.
fn checked(server: &str) -> Result<String> {
    let server = server.to_ascii_lowercase();
    let is_name =
        (1..=20).contains(&server.len()) && server.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match is_name {
        true => Ok(server),
        false => Err(unknown("server of the connected app is no data center")),
    }
}

fn unknown(what: &str) -> Error {
    let message = format!(
        "{what}: it is what the API key ends with, such as us21. Set server in the settings of the connected app."
    );
    Error::new(code::INVALID_CONFIG, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_stays_within_the_name_of_the_host() {
        assert_eq!(checked("US21").unwrap(), "us21");
        for wrong in ["", "us21.evil.example", "us21/", "us21@evil", "us-21"] {
            let error = checked(wrong).unwrap_err();
            assert_eq!(
                error.to_string(),
                "INVALID_CONFIG: server of the connected app is no data center: it is what the API key ends with, such as us21. Set \
                 server in the settings of the connected app."
            );
        }
    }
}
