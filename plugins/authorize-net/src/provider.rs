//! The provider: its keys, how to test them, and what it sends on its own.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, HostWebhook};

use crate::api::authenticate;
use crate::event::EVENT_TYPES;

/// Keys of an account: Account, Settings, API credentials and keys.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Keys {
    /// Of the account. With keys of the sandbox set `sandbox` in the app's settings to `true`.
    #[field(secret, label = "API login ID", min_length = 1)]
    login_id: String,
    /// Beside the login ID.
    #[field(secret, label = "Transaction key", min_length = 1)]
    transaction_key: String,
    /// What webhooks are signed with: the signature key of the same page. Needed to be told of what happens, and for nothing else.
    #[field(secret, label = "Signature key", default, min_length = 1)]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("authorize-net", "Authorize.net")
        .description("Payments by card and from bank accounts.")
        .hosts(["api2.authorize.net", "apitest.authorize.net"])
        .icon(include_str!("icon.svg"))
        .scheme::<Keys>("keys", "Keys", [])
        .test::<Account>()
        .host_webhook(&WEBHOOK)
}

/// Whether Authorize.net knows the account.
struct Account;

impl CredentialTest for Account {
    async fn test(context: Context) -> Result<CredentialTested> {
        authenticate(&context).await?;
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
    use crate::tests::{as_the_sdk, connected};

    fn test(settings: &Value, reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("authorize-net");
        connected(stage, settings).reply(reply).run()
    }

    fn known() -> Reply {
        let ok = json!({"messages": {"resultCode": "Ok", "message": [{"code": "I00001", "text": "Successful."}]}});
        Reply::bytes(
            200,
            "application/json; charset=utf-8",
            format!("\u{feff}{ok}").as_bytes(),
        )
    }

    #[test]
    fn keys_are_tested_where_they_are_of() {
        let ran = test(&json!({}), known());
        assert_eq!(ran.output(), json!({"account": "live account"}));
        as_the_sdk("test", &ran.requests[0]);
        assert!(ran.requests[0].repeatable);
        let ran = test(&json!({"sandbox": true}), known());
        assert_eq!(ran.output(), json!({"account": "sandbox"}));
        assert_eq!(
            ran.requests[0].url,
            "https://apitest.authorize.net/xml/v1/request.api"
        );
    }

    #[test]
    fn keys_that_are_refused_are_told_with_the_words_of_authorize_net() {
        let refused = json!({"messages": {"resultCode": "Error", "message": [
            {"code": "E00007", "text": "User authentication failed due to invalid authentication values."},
        ]}});
        let ran = test(&json!({}), Reply::json(200, &refused));
        assert_eq!(
            ran.error().to_string(),
            "CREDENTIAL: api2.authorize.net answered 200: User authentication failed due to invalid authentication values."
        );
        assert!(test(&json!({}), Reply::new(503)).error().retryable);
    }
}
