//! The provider: its credentials, how to test them, the numbers of the account, and what it sends on its own.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    CredentialTest, CredentialTested, HostWebhook, Injection, OptionsQuery, Resource,
    ResourceQuery, ResourceStatus, ResourceType, Resources, code,
};

use crate::account::{account, has_api_key};
use crate::api::{api, of_account};
use crate::event::EVENT_TYPES;
use crate::twilio::numbers;

/// The account with its auth token, which may do everything.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct AuthToken {
    /// Of the account: the console's first page, Account Info.
    #[field(
        label = "Account SID",
        pattern = "^AC[0-9A-Za-z]+$",
        placeholder = "AC…",
        example = &"AC0123456789abcdef0123456789abcdef"
    )]
    account_sid: String,
    /// Beside it in the console.
    #[field(secret, label = "Auth token", min_length = 1)]
    auth_token: String,
    /// The auth token once more, where Twilio shall send messages and statuses to this app: it signs them with it.
    #[field(secret, label = "Auth token for webhooks", default)]
    webhook_secret: Option<String>,
}

/// An API key, which can be taken back without changing the account's token.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct ApiKey {
    /// Of the account that the key belongs to.
    #[field(
        label = "Account SID",
        pattern = "^AC[0-9A-Za-z]+$",
        placeholder = "AC…",
        example = &"AC0123456789abcdef0123456789abcdef"
    )]
    account_sid: String,
    /// Of the key: Account, API keys and tokens. A restricted key needs to list the account's phone numbers beside what workflows
    /// do with it.
    #[field(
        label = "API key SID",
        pattern = "^SK[0-9A-Za-z]+$",
        placeholder = "SK…",
        example = &"SK0123456789abcdef0123456789abcdef"
    )]
    key_sid: String,
    /// Shown once, when the key is made.
    #[field(secret, label = "API key secret", min_length = 1)]
    key_secret: String,
    /// The account's auth token, where Twilio shall send messages and statuses to this app: it signs them with it, not with the
    /// key.
    #[field(secret, label = "Auth token for webhooks", default)]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

fn basic(username: &str, password: &str) -> [Injection; 1] {
    [Injection::Basic {
        username: username.to_owned(),
        password: password.to_owned(),
    }]
}

pub(crate) fn provider() -> Provider {
    Provider::new("twilio", "Twilio")
        .description("Text messages, calls, and what is known of phone numbers.")
        .hosts([
            "api.twilio.com",
            "lookups.twilio.com",
            "messaging.twilio.com",
        ])
        .icon(include_str!("icon.svg"))
        .scheme::<AuthToken>(
            "auth_token",
            "Auth token",
            basic("{accountSid}", "{authToken}"),
        )
        .scheme::<ApiKey>("api_key", "API key", basic("{keySid}", "{keySecret}"))
        .test::<Account>()
        .resource::<Numbers>()
        .host_webhook(&WEBHOOK)
}

/// The account, which its token may read and a key may not.
struct Account;

impl CredentialTest for Account {
    async fn test(context: Context) -> Result<CredentialTested> {
        let name = match has_api_key(&context).await? {
            true => {
                let request = of_account(&context, "GET", "IncomingPhoneNumbers.json").await?;
                api().send(request.query("PageSize", "1")).await?;
                account(&context).await?
            }
            false => named(&context).await?,
        };
        Ok(CredentialTested {
            account: Some(name),
            details: None,
        })
    }
}

/// What the account is called.
async fn named(context: &Context) -> Result<String> {
    let sid = account(context).await?;
    let path = format!("/2010-04-01/Accounts/{sid}.json");
    let answer = api().send(api().request(context, "GET", &path)?).await?;
    match answer["status"].as_str() {
        Some(status @ ("suspended" | "closed")) => {
            let message = format!("The account is {status}: Twilio's console says why.");
            Err(Error::new(code::CREDENTIAL, message))
        }
        _ => Ok(answer["friendly_name"].as_str().unwrap_or(&sid).to_owned()),
    }
}

/// The phone numbers of the account.
struct Numbers;

impl ResourceType for Numbers {
    const TYPE: &'static str = "phone_number";
    const NAME: &'static str = "Phone number";
    const DESCRIPTION: &'static str =
        "A number that text messages are sent from and calls are made from.";
    const CHANNEL: Option<&'static str> = Some("sms");
    const FORMAT: Option<&'static str> = Some("e164");

    async fn list(context: Context, query: ResourceQuery) -> Result<Resources> {
        let asked = OptionsQuery {
            cursor: query.cursor,
            ..OptionsQuery::default()
        };
        let page = numbers::page(&context, &asked).await?;
        Ok(Resources {
            resources: page.items.into_iter().map(resource).collect(),
            cursor: page.cursor,
        })
    }
}

fn resource(number: numbers::Number) -> Resource {
    Resource {
        label: number.label(),
        status: match number.is_usable() {
            true => ResourceStatus::Verified,
            false => ResourceStatus::Pending,
        },
        value: number.phone_number,
        is_default: false,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply, Stage};

    use super::*;
    use crate::twilio::tests::{SID, as_the_sdk};

    fn test(stage: impl FnOnce(Stage) -> Stage) -> Ran {
        let asked = testing::plugin(crate::plugin()).credential_test("twilio");
        stage(asked.secret("accountSid", SID)).run()
    }

    fn account(status: &str) -> Reply {
        Reply::json(
            200,
            &json!({"sid": SID, "friendly_name": "Example", "status": status, "type": "Full"}),
        )
    }

    #[test]
    fn a_token_is_tested_with_its_account() {
        let ran = test(|stage| stage.reply(account("active")));
        assert_eq!(ran.output(), json!({"account": "Example"}));
        as_the_sdk("account", &ran.requests[0]);

        let refused = json!({"code": 20003, "message": "Authenticate", "more_info": "https://www.twilio.com/docs/errors/20003", "status": 401});
        let ran = test(|stage| stage.reply(Reply::json(401, &refused)));
        assert_eq!(ran.error().code, "CREDENTIAL");
        assert!(
            ran.error().message.contains("Authenticate"),
            "{}",
            ran.error()
        );
        assert!(!ran.error().retryable);
        assert!(test(|stage| stage.reply(Reply::new(503))).error().retryable);
        let ran = test(|stage| stage.reply(account("suspended")));
        assert_eq!(ran.error().code, "CREDENTIAL");
    }

    /// A standard key may do everything but read the account.
    #[test]
    fn a_key_is_tested_with_the_numbers_of_its_account() {
        let none = json!({"incoming_phone_numbers": [], "next_page_uri": null});
        let ran = test(|stage| stage.secret("keySid", "SK1").reply(Reply::json(200, &none)));
        assert_eq!(ran.output(), json!({"account": SID}));
        as_the_sdk("numbers_of_one", &ran.requests[0]);
    }

    #[test]
    fn without_the_grant_twilio_says_which_account_it_is() {
        let ask = |accounts: Value| {
            let asked = testing::plugin(crate::plugin()).credential_test("twilio");
            asked
                .reply(Reply::json(200, &json!({"accounts": accounts})))
                .reply(account("active"))
        };
        let sub = json!({"sid": "AC9", "owner_account_sid": SID});
        let ran = ask(json!([sub, {"sid": SID, "owner_account_sid": SID}])).run();
        as_the_sdk("accounts", &ran.requests[0]);
        as_the_sdk("account", &ran.requests[1]);
        let of_sub = ask(json!([sub])).run();
        assert!(of_sub.requests[1].url.ends_with("/Accounts/AC9.json"));
        let asked = testing::plugin(crate::plugin()).credential_test("twilio");
        let refused = json!({"code": 20003, "message": "Authenticate", "status": 401});
        let ran = asked.reply(Reply::json(401, &refused)).run();
        assert!(
            ran.error()
                .message
                .contains("set accountSid in the settings"),
            "{}",
            ran.error()
        );
        assert_eq!(ran.error().code, "CREDENTIAL");
    }

    #[test]
    fn numbers_are_listed_page_by_page() {
        let number = |number: &str, name: &str, capabilities: Value| json!({"sid": "PN1", "phone_number": number, "friendly_name": name, "capabilities": capabilities});
        let next = format!(
            "/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json?PageSize=50&Page=1&PageToken=PAPN1"
        );
        let page = json!({
            "incoming_phone_numbers": [
                number("+15550100", "Front desk", json!({"voice": true, "sms": true, "mms": true})),
                number("+15550101", "(555) 010-1", json!({"voice": true, "sms": false, "mms": false})),
                number("+15550102", "Fax", json!({"voice": false, "sms": false, "mms": false, "fax": true})),
            ],
            "next_page_uri": next,
        });
        let ran = testing::plugin(crate::plugin())
            .resources("twilio", "phone_number")
            .secret("accountSid", SID)
            .reply(Reply::json(200, &page))
            .run();
        as_the_sdk("numbers", &ran.requests[0]);
        assert_eq!(
            ran.output(),
            json!({
                "resources": [
                    {"value": "+15550100", "label": "Front desk", "status": "VERIFIED"},
                    {"value": "+15550101", "label": "(555) 010-1, for calls only", "status": "VERIFIED"},
                    {"value": "+15550102", "label": "Fax", "status": "PENDING"},
                ],
                "cursor": "1 PAPN1",
            })
        );
    }
}
