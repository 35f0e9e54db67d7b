//! The provider: its key, how to test it, and what it sends on its own.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, HostWebhook, Injection, code};

use crate::api::api;
use crate::event::EVENT_TYPES;

/// A key of an account.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Key {
    /// Tap's dashboard, goSell, API credentials: the secret one.
    #[field(
        secret,
        label = "Secret key",
        placeholder = "sk_live_…",
        pattern = "^sk_"
    )]
    secret_key: String,
    /// The same key once more, for Tap signs with it. Needed to be told of what happens, and for nothing else.
    #[field(
        secret,
        label = "Secret key, to check signatures",
        default,
        placeholder = "sk_live_…",
        pattern = "^sk_"
    )]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("tap", "Tap Payments")
        .description("Payments in the Middle East and North Africa.")
        .hosts(["api.tap.company"])
        .icon(include_str!("icon.svg"))
        .scheme::<Key>(
            "key",
            "Secret key",
            [Injection::header("Authorization", "Bearer {secretKey}")],
        )
        .test::<Account>()
        .host_webhook(&WEBHOOK)
}

/// Whether Tap takes the key, asked with a charge that there is not.
struct Account;

impl CredentialTest for Account {
    async fn test(context: Context) -> Result<CredentialTested> {
        let request = api().request(&context, "GET", "/v2/charges/chg_none")?;
        let tested = CredentialTested {
            account: None,
            details: None,
        };
        match api().send(request).await {
            Ok(_) => Ok(tested),
            Err(error) if error.code == code::CREDENTIAL || error.retryable => Err(error),
            // Forbidden, for a key that is none.
            Err(error) if error.message.contains(" answered 403") => {
                Err(Error::new(code::CREDENTIAL, error.message))
            }
            // There is no such charge, as somebody was told who may ask.
            Err(error) if error.message.contains(" answered 4") => Ok(tested),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;

    fn test(reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("tap");
        stage.connected_app("tap", &json!({})).reply(reply).run()
    }

    #[test]
    fn a_key_may_ask_for_a_charge_that_there_is_not() {
        let unknown = json!({"errors": [{"code": "1143", "description": "Charge id is invalid"}]});
        let ran = test(Reply::json(400, &unknown));
        assert_eq!(ran.output(), json!({}));
        assert_eq!(
            ran.requests[0].url,
            "https://api.tap.company/v2/charges/chg_none"
        );
    }

    #[test]
    fn a_key_that_is_refused_is_told_with_the_words_of_tap() {
        let refused = json!({"errors": [{"code": "2107", "description": "Unauthorized, Invalid API credentials"}]});
        for status in [401, 403] {
            let ran = test(Reply::json(status, &refused));
            assert_eq!(
                ran.error().to_string(),
                format!(
                    "CREDENTIAL: api.tap.company answered {status}: Unauthorized, Invalid API credentials."
                )
            );
        }
        assert!(test(Reply::new(503)).error().retryable);
    }
}
