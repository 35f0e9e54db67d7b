//! The provider: its keys and how to test them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection};

use crate::api::api;

/// A token of an app.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Keys {
    /// Of the app, in WePay's Partner Center. With an app of the stage environment set `sandbox` in the app's settings to `true`.
    #[field(secret, label = "App ID", min_length = 1)]
    app_id: String,
    /// Of the app, made beside it.
    #[field(secret, label = "App token", min_length = 1)]
    app_token: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("wepay", "WePay")
        .description("Payments for platforms in the USA and Canada.")
        .hosts(["api.wepay.com", "stage-api.wepay.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Keys>(
            "app",
            "App token",
            [
                Injection::header("App-Id", "{appId}"),
                Injection::header("App-Token", "{appToken}"),
            ],
        )
        .test::<App>()
}

/// Whether WePay takes the token, asked with the accounts of the app.
struct App;

impl CredentialTest for App {
    async fn test(context: Context) -> Result<CredentialTested> {
        let request = api().request(&context, "GET", "/accounts")?;
        api().send(request.query("page_size", "1")).await?;
        Ok(CredentialTested {
            account: None,
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;

    fn test(settings: &Value, reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("wepay");
        stage.connected_app("wepay", settings).reply(reply).run()
    }

    #[test]
    fn a_token_is_tested_where_it_is_of() {
        let accounts = json!({"results": []});
        let ran = test(&json!({}), Reply::json(200, &accounts));
        assert_eq!(
            ran.requests[0].whole_url(),
            "https://api.wepay.com/accounts?page_size=1"
        );
        assert_eq!(ran.requests[0].header("api-version"), Some("3.0"));
        let ran = test(&json!({"sandbox": true}), Reply::json(200, &accounts));
        assert_eq!(ran.requests[0].url, "https://stage-api.wepay.com/accounts");
    }

    #[test]
    fn a_token_that_is_refused_is_told_with_the_words_of_wepay() {
        let refused = json!({"error_code": "NOT_AUTHORIZED", "error_message": "The app token is not valid.", "details": []});
        let ran = test(&json!({}), Reply::json(403, &refused));
        assert_eq!(
            ran.error().to_string(),
            "CREDENTIAL: api.wepay.com answered 403: The app token is not valid."
        );
        assert!(test(&json!({}), Reply::new(503)).error().retryable);
    }
}
