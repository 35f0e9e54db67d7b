//! The provider: its key, how to test it, and what it sends on its own.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, HostWebhook, Injection};

use crate::account::Account;
use crate::event::EVENT_TYPES;

/// A key of an account.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Key {
    /// Mailchimp, Account and billing, Extras, API keys.
    #[field(secret, label = "API key", min_length = 1, placeholder = "…-us21")]
    api_key: String,
    /// In which data center the account is: what the key ends with, behind the hyphen.
    #[field(
        label = "Server prefix",
        pattern = "^[A-Za-z0-9]+$",
        max_length = 20,
        placeholder = "us21"
    )]
    server: String,
    /// What the address that Mailchimp sends to carries as `secret`. Needed to be told of what happens, and for nothing else.
    #[field(secret, label = "Webhook secret", default, min_length = 1)]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("mailchimp", "Mailchimp")
        .description("Audiences and campaigns.")
        .hosts(["*.api.mailchimp.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Key>(
            "api_key",
            "API key",
            [Injection::Basic {
                username: "jackfield".to_owned(),
                password: "{apiKey}".to_owned(),
            }],
        )
        .test::<Owner>()
        .host_webhook(&WEBHOOK)
}

/// Whose account it is.
struct Owner;

impl CredentialTest for Owner {
    async fn test(context: Context) -> Result<CredentialTested> {
        let account = Account::of(&context).await?;
        let request = account.request(&context, "GET", "/")?;
        let root = account
            .send(request.query("fields", "account_name,email"))
            .await?;
        let names = [&root["account_name"], &root["email"]];
        let names = names.iter().filter_map(|name| name.as_str());
        Ok(CredentialTested {
            account: names.map(str::to_owned).find(|name| !name.is_empty()),
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply, Stage};

    use super::*;
    use crate::tests::as_the_sdk;

    fn stage() -> Stage {
        testing::plugin(crate::plugin()).credential_test("mailchimp")
    }

    fn test(reply: Reply) -> Ran {
        stage().secret("server", "us21").reply(reply).run()
    }

    #[test]
    fn a_key_is_tested_by_asking_whose_account_it_is() {
        let ran = test(Reply::json(
            200,
            &json!({"account_name": "Acme", "email": "ada@example.com"}),
        ));
        assert_eq!(ran.output(), json!({"account": "Acme"}));
        as_the_sdk("account", &ran.requests[0]);
    }

    #[test]
    fn a_key_that_is_refused_is_refused_with_mailchimps_words() {
        let problem = |status: u16, title: &str, detail: &str| {
            let body = json!({"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status,
                "detail": detail, "instance": "995c5cb0"});
            test(Reply::json(status, &body)).error().clone()
        };
        let said =
            "Your API key may be invalid, or you've attempted to access the wrong datacenter.";
        let invalid = problem(401, "API Key Invalid", said);
        assert_eq!(
            invalid.to_string(),
            format!("CREDENTIAL: us21.api.mailchimp.com answered 401: {said}")
        );
        assert!(!invalid.retryable);
        let elsewhere = problem(
            403,
            "Wrong Datacenter",
            "The API key provided is linked to a different data center.",
        );
        assert_eq!(elsewhere.code, "CREDENTIAL");
        assert!(test(Reply::new(503)).error().retryable);
    }

    #[test]
    fn a_server_that_is_not_known_is_asked_for() {
        let ran = stage().run();
        assert_eq!(
            ran.error().to_string(),
            "INVALID_CONFIG: It is not known in which data center the account is: it is what the API key ends with, such as us21. Set \
             server in the settings of the connected app."
        );
        let ran = stage()
            .connected_app("mailchimp", &json!({"server": "us7"}))
            .reply(Reply::json(
                200,
                &json!({"account_name": "", "email": "ada@example.com"}),
            ))
            .run();
        assert_eq!(ran.requests[0].url, "https://us7.api.mailchimp.com/3.0/");
        assert_eq!(ran.output(), json!({"account": "ada@example.com"}));
    }
}
