//! The provider: its tokens, how to test them, and the addresses that mail can be sent from.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    CredentialTest, CredentialTested, Injection, Resource, ResourceQuery, ResourceStatus,
    ResourceType, Resources, code,
};

use crate::api::api;

/// How many addresses are asked for at once.
const PAGE: usize = 100;

/// Postmark's API tokens.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Tokens {
    /// Of the server that mail is sent through: its page, API Tokens.
    #[field(
        secret,
        label = "Server API token",
        min_length = 1,
        placeholder = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
    )]
    server_token: String,
    /// Of the account: its page, API Tokens. Needed to list and verify sender addresses, and for nothing else.
    #[field(secret, label = "Account API token", default)]
    account_token: Option<String>,
}

pub(crate) fn provider() -> Provider {
    Provider::new("postmark", "Postmark")
        .description("E-mail delivery for applications.")
        .hosts(["api.postmarkapp.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Tokens>(
            "tokens",
            "API tokens",
            [
                Injection::header("X-Postmark-Server-Token", "{serverToken}"),
                Injection::header("X-Postmark-Account-Token", "{accountToken}"),
            ],
        )
        .test::<Server>()
        .resource::<Senders>()
}

/// The server that the token is of.
struct Server;

impl CredentialTest for Server {
    async fn test(context: Context) -> Result<CredentialTested> {
        let server = api().send(api().request(&context, "GET", "/server")?).await;
        let server = server.map_err(|error| refused(error, "the server token"))?;
        Ok(CredentialTested {
            account: server["Name"].as_str().map(str::to_owned),
            details: None,
        })
    }
}

/// The sender signatures of the account.
struct Senders;

impl ResourceType for Senders {
    const TYPE: &'static str = "sender_email";
    const NAME: &'static str = "Sender email";
    const DESCRIPTION: &'static str = "An address that mail is sent from.";
    const CHANNEL: Option<&'static str> = Some("email");
    const MAX: Option<u32> = Some(50);
    const FORMAT: Option<&'static str> = Some("email");

    async fn list(context: Context, query: ResourceQuery) -> Result<Resources> {
        let offset: usize = query
            .cursor
            .map_or(Ok(0), |cursor| cursor.parse())
            .unwrap_or(0);
        let request = api()
            .request(&context, "GET", "/senders")?
            .query("count", &PAGE.to_string())
            .query("offset", &offset.to_string());
        let answer = api().send(request).await;
        let answer = answer.map_err(|error| refused(error, "the account token"))?;
        let page: Page = serde_json::from_value(answer).map_err(|error| {
            Error::new(
                code::UNEXPECTED_RESPONSE,
                format!("Postmark's list of senders cannot be read: {error}."),
            )
        })?;
        let seen = offset + page.sender_signatures.len();
        let is_last = page.sender_signatures.is_empty() || seen >= page.total_count;
        Ok(Resources {
            resources: page.sender_signatures.into_iter().map(sender).collect(),
            cursor: (!is_last).then(|| seen.to_string()),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    total_count: usize,
    sender_signatures: Vec<Signature>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Signature {
    name: String,
    email_address: String,
    confirmed: bool,
}

/// Until its owner has followed the link in Postmark's mail, an address is not confirmed.
fn sender(signature: Signature) -> Resource {
    Resource {
        value: signature.email_address,
        label: signature.name,
        status: match signature.confirmed {
            true => ResourceStatus::Verified,
            false => ResourceStatus::Pending,
        },
        is_default: false,
    }
}

/// Says which of the two tokens Postmark has refused.
fn refused(mut error: Error, token: &str) -> Error {
    if matches!(
        error.code.as_str(),
        "HTTP_401" | "HTTP_403" | code::CREDENTIAL
    ) {
        code::CREDENTIAL.clone_into(&mut error.code);
        error.message = format!("{token} was refused, or is missing: {}", error.message);
    }
    error
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply, Theatre};

    use super::*;

    fn stage() -> Theatre {
        testing::plugin(crate::plugin())
    }

    fn list(reply: Reply) -> Ran {
        stage()
            .resources("postmark", "sender_email")
            .reply(reply)
            .run()
    }

    #[test]
    fn a_token_is_tested_with_its_server() {
        let test = |reply| stage().credential_test("postmark").reply(reply).run();
        let ran = test(Reply::json(
            200,
            &json!({"ID": 1, "Name": "Example Production"}),
        ));
        assert_eq!(ran.output(), json!({"account": "Example Production"}));
        assert_eq!(
            (
                ran.requests[0].method.as_str(),
                ran.requests[0].url.as_str()
            ),
            ("GET", "https://api.postmarkapp.com/server")
        );

        let said = "Request does not contain a valid Server token.";
        let ran = test(Reply::json(401, &json!({"ErrorCode": 10, "Message": said})));
        let error = ran.error();
        assert_eq!(error.code, "CREDENTIAL");
        assert!(error.message.contains(said), "{error}");
        assert!(!error.retryable);
        assert!(test(Reply::new(503)).error().retryable);
    }

    #[test]
    fn senders_are_verified_once_they_are_confirmed() {
        let signature = |email: &str, confirmed: bool| json!({"ID": 1, "Domain": "example.com", "EmailAddress": email, "Name": "Example", "Confirmed": confirmed, "ReplyToEmailAddress": ""});
        let signatures = [
            signature("hello@example.com", true),
            signature("new@example.com", false),
        ];
        let ran = list(Reply::json(
            200,
            &json!({"TotalCount": 2, "SenderSignatures": signatures}),
        ));
        assert_eq!(
            ran.output(),
            json!({"resources": [
                {"value": "hello@example.com", "label": "Example", "status": "VERIFIED"},
                {"value": "new@example.com", "label": "Example", "status": "PENDING"},
            ]})
        );
        assert_eq!(ran.requests[0].url, "https://api.postmarkapp.com/senders");
        let query = [("count", "100"), ("offset", "0")];
        assert_eq!(
            ran.requests[0].query,
            query.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn a_long_list_has_further_pages() {
        let signature = json!({"EmailAddress": "a@example.com", "Name": "A", "Confirmed": true});
        let page = json!({"TotalCount": 101, "SenderSignatures": vec![signature; 100]});
        assert_eq!(list(Reply::json(200, &page)).output()["cursor"], "100");
        let nothing = json!({"TotalCount": 101, "SenderSignatures": []});
        assert!(
            list(Reply::json(200, &nothing))
                .output()
                .get("cursor")
                .is_none()
        );
    }

    #[test]
    fn without_an_account_token_it_says_what_is_missing() {
        let said = "No Account or Server API tokens were supplied in the HTTP headers.";
        let ran = list(Reply::json(401, &json!({"ErrorCode": 10, "Message": said})));
        let error = ran.error();
        assert_eq!(error.code, "CREDENTIAL");
        assert!(
            error
                .message
                .contains("the account token was refused, or is missing"),
            "{error}"
        );
    }
}
