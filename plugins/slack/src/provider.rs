//! The provider: its tokens, how to test them, and what it sends on its own.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, HostWebhook, Injection};

use crate::api::{fetch, request};
use crate::event::EVENT_TYPES;

/// What the app is asked for where somebody grants it access. Slack separates scopes by commas.
const SCOPES: &str = "chat:write,chat:write.public,chat:write.customize,channels:read,channels:manage,groups:read,groups:write,\
    reactions:write,app_mentions:read,channels:history,groups:history,im:history,reactions:read";

/// The token of an app that is installed already.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Token {
    /// Of the app at <https://api.slack.com/apps>: OAuth & Permissions, Bot User OAuth Token. A user's token (`xoxp-…`) acts as that
    /// person.
    #[field(secret, placeholder = "xoxb-…", pattern = "^xox")]
    bot_token: String,
    /// Of the app: Basic Information, App Credentials. Needed to receive events.
    #[field(secret, label = "Signing secret", min_length = 1)]
    webhook_secret: Option<String>,
}

/// An app that somebody lets into a workspace.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Client {
    /// Of the app at <https://api.slack.com/apps>: Basic Information, App Credentials. Register `/oauth/callback` of this server's
    /// public URL under OAuth & Permissions.
    #[field(label = "Client ID", min_length = 1)]
    client_id: String,
    /// Beside the client's id.
    #[field(secret, min_length = 1)]
    client_secret: String,
    /// Beside the client's secret. Needed to receive events.
    #[field(secret, label = "Signing secret", min_length = 1)]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("slack", "Slack")
        .description("Messages to the channels and people of a workspace.")
        .hosts(["slack.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Token>(
            "bot_token",
            "Token of an installed app",
            [Injection::header("Authorization", "Bearer {botToken}")],
        )
        .scheme::<Client>("oauth2", "Access that a person grants", [oauth2()])
        .test::<Workspace>()
        .host_webhook(&WEBHOOK)
}

/// <https://docs.slack.dev/authentication/installing-with-oauth>. Tokens do not end unless the app rotates them.
fn oauth2() -> Injection {
    Injection::OAuth2AuthorizationCode {
        authorize_url: "https://slack.com/oauth/v2/authorize".to_owned(),
        token_url: "https://slack.com/api/oauth.v2.access".to_owned(),
        revoke_url: None,
        client_id: "{clientId}".to_owned(),
        client_secret: "{clientSecret}".to_owned(),
        scope: SCOPES.to_owned(),
        parameters: BTreeMap::new(),
        keep: Vec::new(),
        exchanges: Vec::new(),
    }
}

/// The workspace that the token is of.
struct Workspace;

#[derive(Deserialize)]
struct Identity {
    team: String,
    user: String,
}

impl CredentialTest for Workspace {
    async fn test(context: Context) -> Result<CredentialTested> {
        let Identity { team, user } = fetch(request(&context, "auth.test", &json!({}))?).await?;
        Ok(CredentialTested {
            account: Some(format!("{user} in {team}")),
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn test(reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("slack");
        stage.reply(reply).run()
    }

    #[test]
    fn a_token_is_tested_by_asking_whose_it_is() {
        let identity = json!({
            "ok": true, "url": "https://acme.slack.com/", "team": "Acme", "user": "bookings", "team_id": "T0123456789",
            "user_id": "U0123456789", "bot_id": "B0123456789", "is_enterprise_install": false,
        });
        let ran = test(Reply::json(200, &identity));
        assert_eq!(ran.output(), json!({"account": "bookings in Acme"}));
        as_the_sdk("auth_test", &ran.requests[0]);
    }

    #[test]
    fn a_token_that_is_refused_with_status_200_is_refused() {
        let ran = test(Reply::json(
            200,
            &json!({"ok": false, "error": "token_revoked"}),
        ));
        assert_eq!(
            ran.error().to_string(),
            "CREDENTIAL: slack.com answered 200: token_revoked. Slack does not take the token: install the app again, and give the \
             connected app its new token."
        );
        assert!(!ran.error().retryable);
        assert!(test(Reply::new(503)).error().retryable);
    }
}
