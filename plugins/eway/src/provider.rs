//! The provider: its key and how to test it.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection};

use crate::api::ask;

/// A key of the Rapid API.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Key {
    /// MYeWAY, My Account, API Key. With a key of the sandbox set `sandbox` in the app's settings to `true`.
    #[field(secret, label = "API key", min_length = 1)]
    api_key: String,
    /// Beside the key.
    #[field(secret, label = "Password", min_length = 1)]
    password: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("eway", "eWay")
        .description("Payments by card in Australia, New Zealand and Asia.")
        .hosts(["api.ewaypayments.com", "api.sandbox.ewaypayments.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Key>(
            "key",
            "API key",
            [Injection::Basic {
                username: "{apiKey}".to_owned(),
                password: "{password}".to_owned(),
            }],
        )
        .test::<Account>()
}

/// Whether eWay knows the account.
struct Account;

impl CredentialTest for Account {
    async fn test(context: Context) -> Result<CredentialTested> {
        ask(&context).await?;
        let settings: Option<Value> = context.credential().map(|app| app.settings()).transpose()?;
        let is_sandbox = settings.is_some_and(|settings| settings["sandbox"] == true);
        Ok(CredentialTested {
            account: Some(
                if is_sandbox {
                    "sandbox"
                } else {
                    "live account"
                }
                .to_owned(),
            ),
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn test(settings: &Value, reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("eway");
        stage.connected_app("eway", settings).reply(reply).run()
    }

    #[test]
    fn a_key_is_tested_where_it_is_of() {
        let none = json!({"Transactions": [], "Errors": ""});
        let ran = test(&json!({}), Reply::json(200, &none));
        assert_eq!(ran.output(), json!({"account": "live account"}));
        as_the_sdk("test", &ran.requests[0]);
        let ran = test(&json!({"sandbox": true}), Reply::json(404, &none));
        assert_eq!(ran.output(), json!({"account": "sandbox"}));
        assert_eq!(
            ran.requests[0].url,
            "https://api.sandbox.ewaypayments.com/Transaction/0"
        );
    }

    #[test]
    fn a_key_that_is_refused_is_told() {
        for status in [401, 403] {
            let ran = test(&json!({}), Reply::new(status));
            assert_eq!(ran.error().code, "CREDENTIAL");
        }
        assert!(test(&json!({}), Reply::new(503)).error().retryable);
    }
}
