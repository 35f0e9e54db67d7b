//! The provider: its keys, how to test them, and what the account has.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection, code};

use crate::api::api;
use crate::event::Events;
use crate::webhook_endpoint::WebhookEndpoints;

/// Stripe's keys.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Keys {
    /// Of the account: Developers, API keys. A restricted key needs to read the balance beside what workflows do with it.
    #[field(
        secret,
        label = "Secret key",
        placeholder = "sk_live_…",
        pattern = "^(sk|rk)_"
    )]
    secret_key: String,
    /// Of the webhook endpoint in Stripe that sends to this app's address: Developers, Webhooks. Needed to receive events.
    #[field(
        secret,
        label = "Webhook signing secret",
        placeholder = "whsec_…",
        pattern = "^whsec_"
    )]
    webhook_secret: Option<String>,
}

pub(crate) fn provider() -> Provider {
    Provider::new("stripe", "Stripe")
        .description("Payments and subscriptions.")
        .hosts(["api.stripe.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Keys>(
            "keys",
            "Keys",
            [Injection::header("Authorization", "Bearer {secretKey}")],
        )
        .test::<Balance>()
        .resource::<WebhookEndpoints>()
        .webhook::<Events>()
}

/// The balance of the account, which every key may read unless it was restricted further.
struct Balance;

impl CredentialTest for Balance {
    async fn test(context: Context) -> Result<CredentialTested> {
        let request = api().request(&context, "GET", "/v1/balance")?;
        let balance = api().send(request).await.map_err(refused)?;
        let is_live = balance["livemode"] == true;
        Ok(CredentialTested {
            account: Some(if is_live { "live mode" } else { "test mode" }.to_owned()),
            details: None,
        })
    }
}

/// Stripe answers 403 to a key that may not read the balance, under a name of its own.
fn refused(mut error: Error) -> Error {
    if error.message.contains(" answered 403") {
        code::CREDENTIAL.clone_into(&mut error.code);
        error.message = format!("the key may not read the balance: {}", error.message);
    }
    error
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::stripe::tests::as_the_sdk;

    fn test(reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("stripe");
        stage.reply(reply).run()
    }

    #[test]
    fn a_key_is_tested_with_the_balance() {
        let ran = test(Reply::json(
            200,
            &json!({"object": "balance", "livemode": false}),
        ));
        assert_eq!(ran.output(), json!({"account": "test mode"}));
        as_the_sdk("balance", &ran.requests[0]);
        let ran = test(Reply::json(
            200,
            &json!({"object": "balance", "livemode": true}),
        ));
        assert_eq!(ran.output(), json!({"account": "live mode"}));
    }

    #[test]
    fn a_key_that_is_refused_is_told_with_stripes_words() {
        let said = "Invalid API Key provided: sk_test_*********1234";
        let error = json!({"error": {"message": said, "type": "invalid_request_error"}});
        let ran = test(Reply::json(401, &error));
        assert_eq!(ran.error().code, "CREDENTIAL");
        assert!(ran.error().message.contains(said), "{}", ran.error());
        let ran = test(Reply::json(403, &error));
        assert_eq!(ran.error().code, "CREDENTIAL");
        assert!(
            ran.error()
                .message
                .starts_with("the key may not read the balance")
        );
        assert!(test(Reply::new(503)).error().retryable);
    }
}
