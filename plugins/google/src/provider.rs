//! The provider: how access to an account is had, how to test it, and what it sends on its own.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, HostWebhook, Injection};

use crate::api::{calendar, is_beyond_access};
use crate::event::EVENT_TYPES;

/// What the nodes need. `drive.file` lets the form list the spreadsheets that were made through this client.
const SCOPE: &str = "https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/spreadsheets \
    https://www.googleapis.com/auth/drive.file";

const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";

/// A client of the Google Cloud project, with which a person grants access.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Client {
    /// Google Cloud, APIs and services, Credentials: an OAuth client of the type web application, with `/oauth/callback` of this
    /// server's public URL as its redirect URI.
    #[field(
        label = "Client ID",
        min_length = 1,
        placeholder = "….apps.googleusercontent.com"
    )]
    client_id: String,
    /// Its secret.
    #[field(secret, min_length = 1, placeholder = "GOCSPX-…")]
    client_secret: String,
    /// What access is asked for, separated by spaces: that of the example for both nodes. With
    /// `https://www.googleapis.com/auth/drive.metadata.readonly` the form lists all spreadsheets of the account.
    #[field(min_length = 1, example = SCOPE, placeholder = "https://www.googleapis.com/auth/calendar …")]
    scope: String,
    /// What channels for notifications are opened with, as their `token`. Needed to be told of changes, and for nothing else.
    #[field(secret, label = "Channel token", default, min_length = 1)]
    webhook_secret: Option<String>,
}

/// An account of its own, which calendars and spreadsheets are shared with.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct ServiceAccount {
    /// `client_email` of the key's file. Share calendars and spreadsheets with this address.
    #[field(
        label = "Client e-mail",
        min_length = 1,
        placeholder = "jackfield@project.iam.gserviceaccount.com"
    )]
    client_email: String,
    /// `private_key` of the key's file.
    #[field(
        secret,
        min_length = 1,
        widget = "textarea",
        placeholder = "-----BEGIN PRIVATE KEY-----"
    )]
    private_key: String,
    /// `private_key_id` of the key's file.
    #[field(default, label = "Private key ID")]
    private_key_id: String,
    /// The user on whose behalf, where the domain lets the account act for its users.
    #[field(default, placeholder = "ada@example.com")]
    subject: String,
    /// What access is asked for, separated by spaces: that of the example for both nodes.
    #[field(min_length = 1, example = SCOPE, placeholder = "https://www.googleapis.com/auth/calendar …")]
    scope: String,
    /// What channels for notifications are opened with, as their `token`. Needed to be told of changes, and for nothing else.
    #[field(secret, label = "Channel token", default, min_length = 1)]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("google", "Google")
        .description("Calendars and spreadsheets of Google Workspace.")
        .hosts([
            "www.googleapis.com",
            "sheets.googleapis.com",
            "oauth2.googleapis.com",
        ])
        .icon(include_str!("icon.svg"))
        .scheme::<Client>("oauth2", "Access that a person grants", [granted()])
        .scheme::<ServiceAccount>("service_account", "Service account", [asserted()])
        .test::<Calendars>()
        .host_webhook(&WEBHOOK)
}

/// Google gives a refresh token only with `access_type=offline`, and again only with `prompt=consent`.
/// <https://developers.google.com/identity/protocols/oauth2/web-server>
fn granted() -> Injection {
    let parameter = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let parameters = [("access_type", "offline"), ("prompt", "consent")];
    Injection::OAuth2AuthorizationCode {
        authorize_url: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
        token_url: TOKEN_URL.to_owned(),
        revoke_url: Some("https://oauth2.googleapis.com/revoke".to_owned()),
        client_id: "{clientId}".to_owned(),
        client_secret: "{clientSecret}".to_owned(),
        scope: "{scope}".to_owned(),
        parameters: BTreeMap::from(parameters.map(parameter)),
        keep: Vec::new(),
        exchanges: Vec::new(),
    }
}

/// <https://developers.google.com/identity/protocols/oauth2/service-account>
fn asserted() -> Injection {
    Injection::JwtBearer {
        token_url: TOKEN_URL.to_owned(),
        issuer: "{clientEmail}".to_owned(),
        private_key: "{privateKey}".to_owned(),
        key_id: "{privateKeyId}".to_owned(),
        scope: "{scope}".to_owned(),
        subject: "{subject}".to_owned(),
    }
}

/// The calendars of the account. Access that does not go so far is access nevertheless, such as to spreadsheets alone.
struct Calendars;

impl CredentialTest for Calendars {
    async fn test(context: Context) -> Result<CredentialTested> {
        let request = calendar().request(&context, "GET", "/users/me/calendarList")?;
        let request = request.query("maxResults", "250");
        match calendar().send(request).await {
            Ok(list) => Ok(CredentialTested {
                account: Some(account(&list)),
                details: None,
            }),
            Err(error) if is_beyond_access(&error) => Ok(CredentialTested {
                account: None,
                details: Some(json!({"calendars": error.message})),
            }),
            Err(error) => Err(error),
        }
    }
}

/// The primary calendar is called by the account's address. A service account has none in its list.
fn account(list: &Value) -> String {
    let calendars = list["items"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let primary = calendars.iter().find(|item| item["primary"] == true);
    match primary.and_then(|primary| primary["id"].as_str()) {
        Some(address) => address.to_owned(),
        None if calendars.len() == 1 => "an account with 1 calendar".to_owned(),
        None => format!("an account with {} calendars", calendars.len()),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, Ran, Reply};

    use super::*;

    fn test(reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("google");
        stage.reply(reply).run()
    }

    #[test]
    fn access_is_tested_with_the_calendars_of_the_account() {
        let items =
            json!([{"id": "holidays@example.com"}, {"id": "ada@example.com", "primary": true}]);
        let ran = test(Reply::json(200, &json!({"items": items})));
        assert_eq!(ran.output(), json!({"account": "ada@example.com"}));
        Captured::parse(include_str!("fixtures/captured.json")).assert_sent(
            "calendars",
            &ran.requests[0],
            "https://www.googleapis.com",
            &[],
        );
        let ran = test(Reply::json(200, &json!({"items": []})));
        assert_eq!(
            ran.output(),
            json!({"account": "an account with 0 calendars"})
        );
    }

    #[test]
    fn access_to_something_else_is_access() {
        let said = "Request had insufficient authentication scopes.";
        let error = json!({"error": {
            "code": 403, "message": said, "errors": [{"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}],
            "status": "PERMISSION_DENIED",
        }});
        let ran = test(Reply::json(403, &error));
        let message = format!("www.googleapis.com answered 403: {said}");
        assert_eq!(ran.output(), json!({"details": {"calendars": message}}));
    }

    #[test]
    fn what_google_does_not_take_is_told_with_its_words() {
        let said = "Invalid Credentials";
        let error = json!({"error": {"code": 401, "message": said, "errors": [{"reason": "authError"}], "status": "UNAUTHENTICATED"}});
        let ran = test(Reply::json(401, &error));
        assert_eq!(
            ran.error().to_string(),
            "CREDENTIAL: www.googleapis.com answered 401: Invalid Credentials."
        );
        assert!(test(Reply::new(503)).error().retryable);
    }

    #[test]
    fn the_form_asks_for_what_the_nodes_need() {
        let plugin = crate::plugin();
        let schemes = &plugin.manifest().providers[0].schemes;
        for scheme in schemes {
            let scope = &scheme.schema["properties"]["scope"]["examples"];
            assert_eq!(*scope, json!([SCOPE]), "{}", scheme.scheme);
            // The host fills in no defaults.
            let required = scheme.schema["required"].as_array();
            assert!(required.is_some_and(|required| required.contains(&json!("scope"))));
        }
        let names: Vec<&str> = schemes
            .iter()
            .map(|scheme| scheme.scheme.as_str())
            .collect();
        assert_eq!(names, ["oauth2", "service_account"]);
    }
}
