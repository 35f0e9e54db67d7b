use std::time::Duration;

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};

/// How long to wait where a limit does not say it.
/// <https://firebase.google.com/docs/cloud-messaging/scale-fcm#errors>
const WAIT: Duration = Duration::from_secs(60);

/// Sends a message of the account's project, or has it looked at only.
/// <https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send>
pub(crate) async fn send(context: &Context, message: &Value, is_test: bool) -> Result<Value> {
    let project = project(context).await?;
    let api = Api::new("https://fcm.googleapis.com/v1").errors(Errors::google().wait(429, WAIT));
    let path = format!("/projects/{project}/messages:send");
    let mut body = json!({"message": message});
    if is_test {
        body["validate_only"] = true.into();
    }
    let request = api.request(context, "POST", &path)?.json(&body);
    api.send(request).await.map_err(told)
}

/// Behind the name of a service account stands its project.
const ACCOUNTS: &str = ".iam.gserviceaccount.com";

/// The project, which is a part of the path: that of the account unless another one is given.
pub(crate) async fn project(context: &Context) -> Result<String> {
    let invalid = |what: &str| {
        let message = format!(
            "{what}: it is `project_id` of the key's file. Set projectId in the settings of the connected app."
        );
        Error::new(code::INVALID_CONFIG, message)
    };
    let given = match context.of_app("projectId").await? {
        Some(project) => Some(project),
        None => of_account(context).await?,
    };
    let given = given.ok_or_else(|| invalid("It is not known which project it is"))?;
    let is_id = !given.is_empty()
        && given.chars().all(|character| {
            character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || "-.:".contains(character)
        });
    match is_id {
        // A project may be in a domain: `example.com:acme`.
        true => Ok(given.replace(':', "%3A")),
        false => Err(invalid("projectId of the connected app is no project")),
    }
}

async fn of_account(context: &Context) -> Result<Option<String>> {
    let email = context.of_app("clientEmail").await?;
    let project = email.as_deref().and_then(|email| {
        let (_, domain) = email.split_once('@')?;
        domain.strip_suffix(ACCOUNTS)
    });
    Ok(project.map(str::to_owned))
}

/// The error with FCM's own name for it, and with what is wrong of each field.
/// <https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode>
fn told(mut error: Error) -> Error {
    let body: Option<Value> = error
        .data
        .as_ref()
        .and_then(|data| serde_json::from_str(data.get()).ok());
    let details = body
        .as_ref()
        .and_then(|body| body["error"]["details"].as_array());
    for detail in details.into_iter().flatten() {
        // With 401 it names a certificate of Apple's or a key of a browser's, and not the account.
        if let Some(name) = detail["errorCode"].as_str() {
            name.clone_into(&mut error.code);
        }
        for wrong in detail["fieldViolations"].as_array().into_iter().flatten() {
            if let (Some(field), Some(what)) =
                (wrong["field"].as_str(), wrong["description"].as_str())
            {
                let what = what.trim_end_matches('.');
                error.message += &format!(" {field}: {what}.");
            }
        }
    }
    error
}
