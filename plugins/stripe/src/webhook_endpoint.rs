//! The account's webhook endpoints: <https://docs.stripe.com/api/webhook_endpoints>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::Pages;
use jackfield_plugin_sdk::{
    Resource, ResourceQuery, ResourceRef, ResourceStatus, ResourceType, ResourceVerified, Resources,
};

use crate::api::api;

/// The addresses that Stripe sends events to.
pub(crate) struct WebhookEndpoints;

/// All of them, of which an account has a few.
#[derive(Rest)]
#[rest(get = "/v1/webhook_endpoints", api = api(), output = Page<Endpoint>,
       pages = Pages::last_id("data", "id", "starting_after").more("has_more").size("limit", 100))]
struct ListEndpoints {}

/// What of an endpoint matters here.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Endpoint {
    url: String,
    description: Option<String>,
    status: String,
    enabled_events: Vec<String>,
}

impl ResourceType for WebhookEndpoints {
    const TYPE: &'static str = "webhook_endpoint";
    const NAME: &'static str = "Webhook URL";
    const DESCRIPTION: &'static str = "An address that Stripe sends events to.";
    const MAX: Option<u32> = Some(10);
    const FORMAT: Option<&'static str> = Some("https-url");
    const VERIFIES: bool = true;

    async fn list(context: Context, _: ResourceQuery) -> Result<Resources> {
        let endpoints = ListEndpoints {}.call(&context).await?;
        Ok(Resources {
            resources: endpoints.items.into_iter().map(resource).collect(),
            cursor: None,
        })
    }

    async fn verify(context: Context, asked: ResourceRef) -> Result<ResourceVerified> {
        let endpoints = ListEndpoints {}.call(&context).await?;
        let found = endpoints
            .items
            .iter()
            .filter(|endpoint| endpoint.url == asked.value);
        // Two endpoints may share an address; one that is enabled suffices.
        let best = found.max_by_key(|endpoint| endpoint.is_enabled());
        let (status, message) = match best {
            Some(endpoint) if endpoint.is_enabled() => (ResourceStatus::Verified, None),
            Some(_) => (
                ResourceStatus::Failed,
                Some(
                    "Stripe has disabled this endpoint: enable it there, under Developers, Webhooks.",
                ),
            ),
            None => (
                ResourceStatus::Failed,
                Some(
                    "Stripe sends nothing there: add the endpoint first, under Developers, Webhooks.",
                ),
            ),
        };
        Ok(ResourceVerified {
            status,
            message: message.map(str::to_owned),
        })
    }
}

impl Endpoint {
    fn is_enabled(&self) -> bool {
        self.status == "enabled"
    }

    /// What it is for, or what it is told of.
    fn label(&self) -> String {
        match (&self.description, self.enabled_events.as_slice()) {
            (Some(description), _) if !description.is_empty() => description.clone(),
            (_, [all]) if all == "*" => "All events".to_owned(),
            (_, [one]) => one.clone(),
            (_, events) => format!("{} types of events", events.len()),
        }
    }
}

fn resource(endpoint: Endpoint) -> Resource {
    Resource {
        label: endpoint.label(),
        status: match endpoint.is_enabled() {
            true => ResourceStatus::Verified,
            false => ResourceStatus::Failed,
        },
        value: endpoint.url,
        is_default: false,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Reply, Theatre};

    use super::*;
    use crate::stripe::tests::as_the_sdk;

    fn stage() -> Theatre {
        testing::plugin(crate::plugin())
    }

    fn endpoint(path: &str, status: &str, events: &[&str], description: Option<&str>) -> Value {
        json!({
            "id": "we_1", "object": "webhook_endpoint", "url": format!("https://example.com/{path}"), "status": status,
            "enabled_events": events, "description": description, "api_version": null, "livemode": false,
        })
    }

    fn list(endpoints: &[Value], has_more: bool) -> Reply {
        Reply::json(
            200,
            &json!({"object": "list", "data": endpoints, "has_more": has_more}),
        )
    }

    #[test]
    fn the_accounts_endpoints_are_listed_to_the_last() {
        let first = [
            endpoint("a", "enabled", &["*"], None),
            endpoint("b", "disabled", &["invoice.paid"], None),
        ];
        let second = [
            endpoint("c", "enabled", &["invoice.paid", "charge.failed"], Some("")),
            endpoint("d", "enabled", &["*"], Some("Bookings")),
        ];
        let stage = stage().resources("stripe", "webhook_endpoint");
        let ran = stage
            .reply(list(&first, true))
            .reply(list(&second, false))
            .run();
        assert_eq!(
            ran.output(),
            json!({"resources": [
                {"value": "https://example.com/a", "label": "All events", "status": "VERIFIED"},
                {"value": "https://example.com/b", "label": "invoice.paid", "status": "FAILED"},
                {"value": "https://example.com/c", "label": "2 types of events", "status": "VERIFIED"},
                {"value": "https://example.com/d", "label": "Bookings", "status": "VERIFIED"},
            ]})
        );
        assert_eq!(ran.requests.len(), 2);
        as_the_sdk("webhook_endpoints", &ran.requests[1]);
    }

    #[test]
    fn an_endpoint_is_verified_when_stripe_sends_to_it() {
        let verify = |path: &str, endpoints: &[Value]| {
            let url = format!("https://example.com/{path}");
            let stage = stage().verify_resource("stripe", "webhook_endpoint", &url);
            stage.reply(list(endpoints, false)).run().output()
        };
        let both = [
            endpoint("a", "disabled", &["*"], None),
            endpoint("a", "enabled", &["*"], None),
        ];
        assert_eq!(verify("a", &both), json!({"status": "VERIFIED"}));
        let disabled = verify("a", &both[..1]);
        assert_eq!(disabled["status"], "FAILED");
        assert!(
            disabled["message"]
                .as_str()
                .unwrap()
                .contains("enable it there")
        );
        assert!(
            verify("b", &both)["message"]
                .as_str()
                .unwrap()
                .contains("add the endpoint first")
        );
    }
}
