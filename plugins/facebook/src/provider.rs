//! The provider: its tokens, how to test them, and what it sends on its own.

mod login;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, HostWebhook, Injection};

use crate::api::{request, send};
use crate::event::EVENT_TYPES;
use login::Login;

/// The token of a Page, which posts to it and writes to people by Messenger.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct PageToken {
    /// One that lasts: in Meta Business Suite a system user that the Page is assigned to, Generate token, with
    /// `pages_manage_posts`, `pages_messaging` and `pages_manage_metadata`; then the Page's own at
    /// `/me/accounts?fields=name,access_token` of the Graph API Explorer.
    #[field(
        secret,
        label = "Page access token",
        min_length = 1,
        placeholder = "EAA…"
    )]
    page_token: String,
    /// Of the app at <https://developers.facebook.com/apps>: App settings, Basic. Meta signs with it what it sends, and each request proves
    /// with it whose the token is. Needed to receive messages, and where the app at Meta requires the app secret.
    #[field(secret, label = "App secret", default, min_length = 1)]
    webhook_secret: Option<String>,
}

/// The token of a system user, which writes to people by WhatsApp.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct SystemUserToken {
    /// In Meta Business Suite: Users, System users, one that the app and the WhatsApp account are assigned to, Generate token, with
    /// `whatsapp_business_messaging` and `whatsapp_business_management`.
    #[field(
        secret,
        label = "System user access token",
        min_length = 1,
        placeholder = "EAA…"
    )]
    system_user_token: String,
    /// Of the app at <https://developers.facebook.com/apps>: App settings, Basic. Meta signs with it what it sends, and each request proves
    /// with it whose the token is. Needed to receive messages, and where the app at Meta requires the app secret.
    #[field(secret, label = "App secret", default, min_length = 1)]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("facebook", "Facebook and WhatsApp")
        .description("Posts and messages of a Facebook Page, and messages of WhatsApp.")
        .hosts(["graph.facebook.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<PageToken>(
            "page_token",
            "Facebook Page",
            [
                Injection::header("Authorization", "Bearer {pageToken}"),
                proof(),
            ],
        )
        .scheme::<SystemUserToken>(
            "system_user_token",
            "WhatsApp",
            [
                Injection::header("Authorization", "Bearer {systemUserToken}"),
                proof(),
            ],
        )
        .scheme::<Login>(
            "oauth2",
            "Facebook Page that a person grants",
            [login::granted(), proof()],
        )
        .test::<Identity>()
        .host_webhook(&WEBHOOK)
}

/// Where the app secret is known, requests prove that they come from the app that the token was made for.
/// <https://developers.facebook.com/docs/graph-api/guides/secure-requests>
fn proof() -> Injection {
    Injection::TokenProof {
        name: "appsecret_proof".to_owned(),
        key: "{webhookSecret}".to_owned(),
    }
}

/// Whose token it is: the Page's, or the system user's.
struct Identity;

impl CredentialTest for Identity {
    async fn test(context: Context) -> Result<CredentialTested> {
        let me = request(&context, "GET", "/me")?.query("fields", "id,name");
        let me = send(me).await?;
        let name = me["name"].as_str().or(me["id"].as_str());
        Ok(CredentialTested {
            account: name.map(str::to_owned),
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::{as_the_sdk, connected};

    fn test(reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("facebook");
        connected(stage).reply(reply).run()
    }

    #[test]
    fn a_token_is_tested_by_asking_whose_it_is() {
        let ran = test(Reply::json(
            200,
            &json!({"id": "4711", "name": "Acme Cleaning"}),
        ));
        assert_eq!(ran.output(), json!({"account": "Acme Cleaning"}));
        as_the_sdk("me", &ran.requests[0]);
    }

    /// Meta refuses tokens with status 400, too.
    #[test]
    fn a_token_that_is_refused_is_refused_with_metas_words() {
        let said = "Error validating access token: The session has been invalidated because the user changed their password.";
        for status in [400, 401] {
            let error = json!({"message": said, "type": "OAuthException", "code": 190, "error_subcode": 460, "fbtrace_id": "AbC"});
            let ran = test(Reply::json(status, &json!({"error": error})));
            assert_eq!(
                ran.error().to_string(),
                format!("CREDENTIAL: graph.facebook.com answered {status}: {said}")
            );
            assert!(!ran.error().retryable);
        }
        assert!(test(Reply::new(503)).error().retryable);
    }

    #[test]
    fn another_version_can_be_set() {
        let asked = |settings: Value| {
            let stage = testing::plugin(crate::plugin()).credential_test("facebook");
            let reply = Reply::json(200, &json!({"id": "4711"}));
            let stage = stage.connected_app("facebook", &settings).reply(reply);
            stage.run()
        };
        let ran = asked(json!({}));
        assert_eq!(ran.requests[0].url, "https://graph.facebook.com/v25.0/me");
        assert_eq!(ran.output(), json!({"account": "4711"}));
        let ran = asked(json!({"version": "v26.0"}));
        assert_eq!(ran.requests[0].url, "https://graph.facebook.com/v26.0/me");
    }
}
