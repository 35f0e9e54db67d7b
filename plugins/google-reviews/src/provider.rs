//! The provider: its keys and grants, and how to test them.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection};

use crate::api::{accounts, place, places};

/// A place that is always there: Google's own.
const PLACE: &str = "ChIJj61dQgK6j4AR4GeTYWZsuWw";

/// A key of the Google Maps Platform, which reads what everybody can.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Key {
    /// Google Cloud, Google Maps Platform, Keys and credentials. The project needs the Places API (New); a key that is restricted to
    /// websites or apps does not work on a server.
    #[field(secret, label = "API key", min_length = 1, placeholder = "AIza…")]
    api_key: String,
}

/// A client of the Google Cloud project, with which the owner of locations grants access.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Client {
    /// Google Cloud, APIs and services, Credentials: an OAuth client of the type web application, with `/oauth/callback` of this
    /// server's public URL as its redirect URI. The project needs the Google My Business API, to which Google admits it on request.
    #[field(
        label = "Client ID",
        min_length = 1,
        placeholder = "….apps.googleusercontent.com"
    )]
    client_id: String,
    /// Its secret.
    #[field(secret, min_length = 1, placeholder = "GOCSPX-…")]
    client_secret: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("google-reviews", "Google Reviews")
        .description("Ratings and reviews of places, and of one's own locations.")
        .hosts([
            "places.googleapis.com",
            "mybusiness.googleapis.com",
            "mybusinessaccountmanagement.googleapis.com",
            "mybusinessbusinessinformation.googleapis.com",
            "oauth2.googleapis.com",
        ])
        .icon(include_str!("icon.svg"))
        .scheme::<Key>(
            "api_key",
            "API key, for places",
            [Injection::header("X-Goog-Api-Key", "{apiKey}")],
        )
        .scheme::<Client>("oauth2", "Access that an owner grants", [granted()])
        .test::<Usable>()
}

/// Google gives a refresh token only with `access_type=offline`, and again only with `prompt=consent`.
/// <https://developers.google.com/identity/protocols/oauth2/web-server>
fn granted() -> Injection {
    let parameter = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let parameters = [("access_type", "offline"), ("prompt", "consent")];
    Injection::OAuth2AuthorizationCode {
        authorize_url: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
        token_url: "https://oauth2.googleapis.com/token".to_owned(),
        revoke_url: Some("https://oauth2.googleapis.com/revoke".to_owned()),
        client_id: "{clientId}".to_owned(),
        client_secret: "{clientSecret}".to_owned(),
        scope: "https://www.googleapis.com/auth/business.manage".to_owned(),
        parameters: BTreeMap::from(parameters.map(parameter)),
        keep: Vec::new(),
        exchanges: Vec::new(),
    }
}

/// What the key or grant is good for. The id of a place costs nothing.
struct Usable;

impl CredentialTest for Usable {
    async fn test(context: Context) -> Result<CredentialTested> {
        match places().send(place(&context, PLACE, "id", None)?).await {
            Ok(_) => Ok(CredentialTested {
                account: Some("a key for places".to_owned()),
                details: None,
            }),
            Err(error) if error.retryable => Err(error),
            Err(refusal) => of_owner(&context, refusal).await,
        }
    }
}

/// A grant is none for places.
async fn of_owner(context: &Context, refusal: Error) -> Result<CredentialTested> {
    let request = accounts().request(context, "GET", "/accounts")?;
    match accounts().send(request.query("pageSize", "20")).await {
        Ok(found) => Ok(CredentialTested {
            account: found["accounts"][0]["accountName"]
                .as_str()
                .map(str::to_owned),
            details: None,
        }),
        Err(error) if is_of_key(&error) => Err(refusal),
        Err(error) => Err(error),
    }
}

/// Whether it was a key that was refused, which could not be any good for accounts.
fn is_of_key(error: &Error) -> bool {
    let data = error.data.as_ref();
    let body: Option<Value> = data.and_then(|data| serde_json::from_str(data.get()).ok());
    let details = body
        .as_ref()
        .and_then(|body| body["error"]["details"].as_array());
    let mut reasons = details
        .into_iter()
        .flatten()
        .filter_map(|detail| detail["reason"].as_str());
    reasons.any(|reason| reason.starts_with("API_KEY") || reason == "CREDENTIALS_MISSING")
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn test(replies: impl IntoIterator<Item = Reply>) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("google-reviews");
        let stage = replies
            .into_iter()
            .fold(stage, |stage, reply| stage.reply(reply));
        stage.run()
    }

    fn refused(code: u16, reason: &str, message: &str) -> Reply {
        let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]);
        let error = json!({"code": code, "message": message, "status": "PERMISSION_DENIED", "details": details});
        Reply::json(code, &json!({"error": error}))
    }

    #[test]
    fn a_key_is_tested_with_a_place() {
        let ran = test([Reply::json(200, &json!({"id": PLACE}))]);
        assert_eq!(ran.output(), json!({"account": "a key for places"}));
        as_the_sdk("test", "places", &ran.requests[0]);
        assert!(test([Reply::new(503)]).error().retryable);
    }

    #[test]
    fn a_grant_is_tested_with_the_accounts() {
        let beyond = || {
            refused(
                403,
                "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "Request had insufficient authentication scopes.",
            )
        };
        let account = json!({"name": "accounts/4711", "accountName": "Acme Cleaning", "type": "LOCATION_GROUP"});
        let found = Reply::json(200, &json!({"accounts": [account]}));
        let ran = test([beyond(), found]);
        assert_eq!(ran.output(), json!({"account": "Acme Cleaning"}));
        as_the_sdk("accounts", "mybusinessaccountmanagement", &ran.requests[1]);
        let ended = refused(
            401,
            "ACCESS_TOKEN_EXPIRED",
            "Request had invalid authentication credentials.",
        );
        assert_eq!(
            test([beyond(), ended]).error().to_string(),
            "CREDENTIAL: mybusinessaccountmanagement.googleapis.com answered 401: Request had invalid authentication credentials."
        );
    }

    #[test]
    fn a_key_that_is_refused_is_refused_with_googles_words() {
        let said = "API key not valid. Please pass a valid API key.";
        let invalid = || refused(400, "API_KEY_INVALID", said);
        assert_eq!(
            test([invalid(), invalid()]).error().to_string(),
            format!("CREDENTIAL: places.googleapis.com answered 400: {said}")
        );
        let said = "Places API (New) has not been used in project 4711 before or it is disabled.";
        let disabled = refused(403, "SERVICE_DISABLED", said);
        let missing = refused(
            401,
            "CREDENTIALS_MISSING",
            "API keys are not supported by this API.",
        );
        assert_eq!(
            test([disabled, missing]).error().to_string(),
            format!("SERVICE_DISABLED: places.googleapis.com answered 403: {said}")
        );
    }
}
