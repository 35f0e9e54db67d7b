//! The provider: its API key, how to test it, the numbers of its workspace, and what it sends on its own.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    CredentialTest, CredentialTested, HostWebhook, Injection, Resource, ResourceQuery,
    ResourceStatus, ResourceType, Resources, code,
};

use crate::api::api;
use crate::event::EVENT_TYPES;

/// What Quo gives to who may use its API.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Keys {
    /// Workspace settings, API. It is sent as it is, without `Bearer`.
    #[field(secret, label = "API key", min_length = 1)]
    api_key: String,
    /// What a webhook of Quo is signed with: the `key` that it answers when the webhook is made. Needed to receive calls and
    /// messages, and for nothing else.
    #[field(
        secret,
        label = "Webhook signing key",
        default,
        placeholder = "whsec_…",
        pattern = "^(whsec_)?[A-Za-z0-9+/]+=*$"
    )]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("quo", "Quo")
        .description("Business phone: text messages and calls. Formerly OpenPhone.")
        .hosts(["api.openphone.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Keys>(
            "api_key",
            "API key",
            [Injection::header("Authorization", "{apiKey}")],
        )
        .test::<Workspace>()
        .resource::<Numbers>()
        .host_webhook(&WEBHOOK)
}

/// The workspace that the key is of.
struct Workspace;

impl CredentialTest for Workspace {
    async fn test(context: Context) -> Result<CredentialTested> {
        let account = match numbers(&context).await?.as_slice() {
            [] => "A workspace without phone numbers".to_owned(),
            [only] => only.number.clone(),
            [first, others @ ..] => format!("{} and {} more", first.number, others.len()),
        };
        Ok(CredentialTested {
            account: Some(account),
            details: None,
        })
    }
}

/// The phone numbers of the workspace.
struct Numbers;

impl ResourceType for Numbers {
    const TYPE: &'static str = "phone_number";
    const NAME: &'static str = "Phone number";
    const DESCRIPTION: &'static str = "A number that text messages are sent from.";
    const CHANNEL: Option<&'static str> = Some("sms");
    const MAX: Option<u32> = Some(25);
    const FORMAT: Option<&'static str> = Some("e164");

    async fn list(context: Context, _: ResourceQuery) -> Result<Resources> {
        let numbers = numbers(&context).await?.into_iter();
        Ok(Resources {
            resources: numbers.map(Number::into_resource).collect(),
            // Quo answers all of them at once.
            cursor: None,
        })
    }
}

async fn numbers(context: &Context) -> Result<Vec<Number>> {
    let request = api().request(context, "GET", "/v1/phone-numbers")?;
    let answer = api().send(request).await?;
    let list: List = serde_json::from_value(answer).map_err(|error| {
        let message = format!("Quo's list of phone numbers cannot be read: {error}.");
        Error::new(code::UNEXPECTED_RESPONSE, message)
    })?;
    Ok(list.data)
}

#[derive(Deserialize)]
struct List {
    data: Vec<Number>,
}

/// <https://www.quo.com/docs/mdx/api-reference/phone-numbers/list-phone-numbers>.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Number {
    number: String,
    name: Option<String>,
    /// Where it is brought along from another carrier.
    porting_status: Option<String>,
    restrictions: Option<Restrictions>,
}

#[derive(Deserialize)]
struct Restrictions {
    /// By region: `unrestricted` or `restricted`.
    #[serde(default)]
    messaging: BTreeMap<String, String>,
}

impl Number {
    /// A number that still belongs to another carrier, or from which no region may be written to, cannot be sent from yet.
    fn into_resource(self) -> Resource {
        let is_here = self
            .porting_status
            .is_none_or(|status| status == "completed");
        let may_send = self.restrictions.is_none_or(|restrictions| {
            let mut regions = restrictions.messaging.values();
            restrictions.messaging.is_empty() || regions.any(|state| state != "restricted")
        });
        Resource {
            value: self.number,
            label: self.name.unwrap_or_default(),
            status: match is_here && may_send {
                true => ResourceStatus::Verified,
                false => ResourceStatus::Pending,
            },
            is_default: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;

    fn number(number: &str, more: Value) -> Value {
        let mut whole = json!({
            "id": "PN123abc", "groupId": "GR123abc", "createdAt": "2022-01-01T00:00:00Z", "formattedNumber": "(555) 010-0",
            "forward": null, "name": "Main Business Line", "number": number, "portRequestId": null, "portingStatus": null,
            "symbol": "🏡", "updatedAt": "2022-01-01T00:00:00Z", "users": [],
            "restrictions": {
                "calling": {"CA": "unrestricted", "Intl": "unrestricted", "US": "unrestricted"},
                "messaging": {"CA": "unrestricted", "Intl": "unrestricted", "US": "unrestricted"},
            },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        whole
    }

    fn list(numbers: &[Value]) -> Reply {
        Reply::json(200, &json!({"data": numbers}))
    }

    fn test(reply: Reply) -> Ran {
        testing::plugin(crate::plugin())
            .credential_test("quo")
            .reply(reply)
            .run()
    }

    #[test]
    fn a_key_is_tested_with_the_numbers_of_its_workspace() {
        let ran = test(list(&[number("+15550100", json!({}))]));
        assert_eq!(ran.output(), json!({"account": "+15550100"}));
        assert_eq!(
            (
                ran.requests[0].method.as_str(),
                ran.requests[0].url.as_str()
            ),
            ("GET", "https://api.openphone.com/v1/phone-numbers")
        );
        let two = [
            number("+15550100", json!({})),
            number("+15550101", json!({})),
        ];
        assert_eq!(
            test(list(&two)).output(),
            json!({"account": "+15550100 and 1 more"})
        );

        let refused = json!({"message": "Unauthorized", "docs": "https://www.quo.com/docs", "title": "Unauthorized", "trace": "1"});
        let ran = test(Reply::json(401, &refused));
        assert_eq!(ran.error().code, "CREDENTIAL");
        assert!(!ran.error().retryable);
        assert!(test(Reply::new(503)).error().retryable);
    }

    #[test]
    fn numbers_that_cannot_be_sent_from_are_pending() {
        let restricted =
            json!({"restrictions": {"messaging": {"CA": "restricted", "US": "restricted"}}});
        let numbers = [
            number("+15550100", json!({})),
            number(
                "+15550101",
                json!({"portingStatus": "in-progress", "name": null}),
            ),
            number("+15550102", restricted),
            json!({"number": "+15550103"}),
        ];
        let ran = testing::plugin(crate::plugin())
            .resources("quo", "phone_number")
            .reply(list(&numbers))
            .run();
        assert_eq!(
            ran.output(),
            json!({"resources": [
                {"value": "+15550100", "label": "Main Business Line", "status": "VERIFIED"},
                {"value": "+15550101", "label": "", "status": "PENDING"},
                {"value": "+15550102", "label": "Main Business Line", "status": "PENDING"},
                {"value": "+15550103", "label": "", "status": "VERIFIED"},
            ]})
        );
    }

    #[test]
    fn a_list_that_cannot_be_read_says_so() {
        let ran = test(Reply::json(200, &json!({"numbers": []})));
        assert_eq!(
            ran.error().to_string(),
            "UNEXPECTED_RESPONSE: Quo's list of phone numbers cannot be read: missing field `data`."
        );
    }
}
