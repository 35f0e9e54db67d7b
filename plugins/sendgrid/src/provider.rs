//! The provider: its API key, how to test it, the addresses that mail can be sent from, and what it sends on its own.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use jackfield_plugin_sdk::{
    CredentialTest, CredentialTested, HostWebhook, Injection, Resource, ResourceQuery,
    ResourceStatus, ResourceType, Resources, code,
};

use crate::api::api;
use crate::event::EVENT_TYPES;

/// How many senders are asked for at once.
const PAGE: usize = 100;

/// SendGrid's keys.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Keys {
    /// Settings, API Keys. A restricted key needs Mail Send, and reads sender identities, templates and unsubscribe groups where it
    /// may.
    #[field(secret, label = "API key", min_length = 1, placeholder = "SG.…")]
    api_key: String,
    /// What SendGrid's signed event webhook shows as its verification key. Needed to receive events, and for nothing else.
    #[field(
        secret,
        label = "Webhook verification key",
        default,
        placeholder = "MFkw…",
        pattern = "^[A-Za-z0-9+/]+=*$"
    )]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("sendgrid", "SendGrid")
        .description("E-mail delivery, by Twilio.")
        .hosts(["api.sendgrid.com", "api.eu.sendgrid.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Keys>(
            "api_key",
            "API key",
            [Injection::header("Authorization", "Bearer {apiKey}")],
        )
        .test::<Scopes>()
        .resource::<Senders>()
        .host_webhook(&WEBHOOK)
}

/// What the key may do, which every key may ask.
struct Scopes;

impl CredentialTest for Scopes {
    async fn test(context: Context) -> Result<CredentialTested> {
        let answer = api()
            .send(api().request(&context, "GET", "/v3/scopes")?)
            .await?;
        let scopes = answer["scopes"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let account = match scopes.iter().any(|scope| scope == "mail.send") {
            true => "a key that may send mail",
            false => "a key that may not send mail",
        };
        Ok(CredentialTested {
            account: Some(account.to_owned()),
            details: None,
        })
    }
}

/// The sender identities of the account.
struct Senders;

#[derive(Deserialize)]
struct List {
    results: Vec<Sender>,
}

/// <https://www.twilio.com/docs/sendgrid/api-reference/sender-verification/get-all-verified-senders>
#[derive(Deserialize)]
struct Sender {
    id: u64,
    nickname: Option<String>,
    from_email: String,
    from_name: Option<String>,
    verified: bool,
}

impl ResourceType for Senders {
    const TYPE: &'static str = "sender_email";
    const NAME: &'static str = "Sender email";
    const DESCRIPTION: &'static str = "An address that mail is sent from.";
    const CHANNEL: Option<&'static str> = Some("email");
    const FORMAT: Option<&'static str> = Some("email");

    async fn list(context: Context, query: ResourceQuery) -> Result<Resources> {
        let request = api().request(&context, "GET", "/v3/verified_senders")?;
        let request = request.query("limit", &PAGE.to_string());
        let request = match &query.cursor {
            Some(cursor) => request.query("lastSeenID", cursor),
            None => request,
        };
        let answer = api().send(request).await.map_err(refused)?;
        let List { results } = read(answer)?;
        let last = results
            .last()
            .filter(|_| results.len() >= PAGE)
            .map(|sender| sender.id.to_string());
        Ok(Resources {
            resources: results.into_iter().map(resource).collect(),
            // One that comes back as it was sent would never end.
            cursor: last.filter(|last| query.cursor.as_ref() != Some(last)),
        })
    }
}

/// Until its owner has followed the link in SendGrid's mail, an address is not verified.
fn resource(sender: Sender) -> Resource {
    let label = [sender.from_name, sender.nickname]
        .into_iter()
        .flatten()
        .find(|name| !name.is_empty());
    Resource {
        value: sender.from_email,
        label: label.unwrap_or_default(),
        status: match sender.verified {
            true => ResourceStatus::Verified,
            false => ResourceStatus::Pending,
        },
        is_default: false,
    }
}

/// SendGrid answers 403 to a key that may send mail and nothing else.
fn refused(mut error: Error) -> Error {
    if error.code == "HTTP_403" {
        code::CREDENTIAL.clone_into(&mut error.code);
        error.message = format!(
            "The key may not read sender identities: give it that permission, or enter the addresses. {}",
            error.message
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply, Theatre};

    use super::*;
    use crate::sendgrid::tests::as_the_sdk;

    fn stage() -> Theatre {
        testing::plugin(crate::plugin())
    }

    fn list(reply: Reply) -> Ran {
        stage()
            .resources("sendgrid", "sender_email")
            .reply(reply)
            .run()
    }

    #[test]
    fn a_key_is_tested_with_what_it_may_do() {
        let test = |reply| stage().credential_test("sendgrid").reply(reply).run();
        let ran = test(Reply::json(
            200,
            &json!({"scopes": ["alerts.read", "mail.send"]}),
        ));
        assert_eq!(ran.output(), json!({"account": "a key that may send mail"}));
        as_the_sdk("scopes", &ran.requests[0], &["accept"]);
        let said = "The provided authorization grant is invalid, expired, or revoked";
        let ran = test(Reply::json(
            401,
            &json!({"errors": [{"field": null, "message": said}]}),
        ));
        assert_eq!(ran.error().code, "CREDENTIAL");
        assert!(ran.error().message.contains(said), "{}", ran.error());
        assert!(!ran.error().retryable);
        assert!(test(Reply::new(503)).error().retryable);
    }

    #[test]
    fn senders_are_verified_once_they_are_confirmed() {
        let sender = |id: u64, email: &str, verified: bool| json!({"id": id, "nickname": "Orders", "from_email": email, "from_name": "Example", "reply_to": email, "verified": verified, "locked": false});
        let results = [
            sender(1, "hello@example.com", true),
            sender(2, "new@example.com", false),
        ];
        let ran = list(Reply::json(200, &json!({"results": results})));
        assert_eq!(
            ran.output(),
            json!({"resources": [
                {"value": "hello@example.com", "label": "Example", "status": "VERIFIED"},
                {"value": "new@example.com", "label": "Example", "status": "PENDING"},
            ]})
        );
        as_the_sdk("verified_senders", &ran.requests[0], &["accept"]);
        let many: Vec<Value> = (1..=100)
            .map(|id| sender(id, "a@example.com", true))
            .collect();
        assert_eq!(
            list(Reply::json(200, &json!({"results": many}))).output()["cursor"],
            "100"
        );
    }

    #[test]
    fn a_key_that_only_sends_says_what_is_missing() {
        let ran = list(Reply::json(
            403,
            &json!({"errors": [{"field": null, "message": "access forbidden"}]}),
        ));
        assert_eq!(ran.error().code, "CREDENTIAL");
        assert!(
            ran.error()
                .message
                .starts_with("The key may not read sender identities"),
            "{}",
            ran.error()
        );
    }
}
