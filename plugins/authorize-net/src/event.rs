//! The trigger `authorize-net-event`: <https://developer.authorize.net/api/reference/features/webhooks.html>. The server verifies the
//! signatures.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};

/// What every name begins with.
const PREFIX: &str = "net.authorize.";

/// What Authorize.net can tell of, by its own names.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    (
        "net.authorize.payment.authcapture.created",
        "A payment was made.",
    ),
    (
        "net.authorize.payment.authorization.created",
        "Money was reserved.",
    ),
    (
        "net.authorize.payment.capture.created",
        "Money that was reserved elsewhere was taken.",
    ),
    (
        "net.authorize.payment.priorAuthCapture.created",
        "Money that was reserved was taken.",
    ),
    (
        "net.authorize.payment.refund.created",
        "Money of a payment was paid back.",
    ),
    (
        "net.authorize.payment.void.created",
        "A payment was voided.",
    ),
    (
        "net.authorize.payment.fraud.held",
        "A payment is held by the filters against fraud.",
    ),
    (
        "net.authorize.payment.fraud.approved",
        "A payment that was held was approved.",
    ),
    (
        "net.authorize.payment.fraud.declined",
        "A payment that was held was declined.",
    ),
    (
        "net.authorize.customer.created",
        "There is a new customer profile.",
    ),
    (
        "net.authorize.customer.updated",
        "A customer profile has changed.",
    ),
    (
        "net.authorize.customer.deleted",
        "A customer profile was deleted.",
    ),
    (
        "net.authorize.customer.paymentProfile.created",
        "A payment profile was saved.",
    ),
    (
        "net.authorize.customer.paymentProfile.updated",
        "A payment profile has changed.",
    ),
    (
        "net.authorize.customer.paymentProfile.deleted",
        "A payment profile was deleted.",
    ),
    (
        "net.authorize.customer.subscription.created",
        "There is a new subscription.",
    ),
    (
        "net.authorize.customer.subscription.updated",
        "A subscription has changed.",
    ),
    (
        "net.authorize.customer.subscription.failed",
        "A payment of a subscription failed.",
    ),
    (
        "net.authorize.customer.subscription.suspended",
        "A subscription was suspended.",
    ),
    (
        "net.authorize.customer.subscription.cancelled",
        "A subscription was cancelled.",
    ),
    (
        "net.authorize.customer.subscription.terminated",
        "A subscription was terminated.",
    ),
    (
        "net.authorize.customer.subscription.expiring",
        "A subscription ends soon.",
    ),
    (
        "net.authorize.customer.subscription.expired",
        "A subscription has ended.",
    ),
];

/// Starts a run when something happens in Authorize.net.
#[derive(Config)]
pub(crate) struct Happened {
    /// For what, such as `payment.authcapture.created`, or `payment.*` for all of payments; for everything unless given.
    #[field(default, example = json!(["payment.authcapture.created"]))]
    events: Vec<String>,
}

/// What of a notification matters here; the run gets all of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    notification_id: String,
    event_type: String,
    event_date: Option<String>,
}

impl Webhook for Happened {
    const TYPE: &'static str = "authorize-net-event";

    fn about() -> About {
        About::new("Authorize.net event")
            .description("Starts when a payment was made, held, refunded or voided, or something happened to a customer or subscription.")
            .icon("credit-card")
            .provider("authorize-net")
            .output("data-out", "Authorize.net's notification; what it is about is in `payload`.")
            .documentation(include_str!("event/documentation.md"))
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        let told: Whole<Told> = request.json()?;
        if !self.wants(&told.event_type) {
            return Ok(Reception::accepted(None));
        }
        let event = Event::new(&told.notification_id, told.value()).of_type(&told.event_type);
        let event = match told
            .event_date
            .as_deref()
            .filter(|date| date.ends_with('Z'))
        {
            Some(date) => event.at(date),
            None => event,
        };
        Ok(Reception::accepted(Some(event)))
    }
}

impl Happened {
    fn wants(&self, event_type: &str) -> bool {
        let short = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
        let wanted: Vec<String> = self.events.iter().map(|name| short(name)).collect();
        Event::is_wanted(&wanted, &short(event_type))
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;
    use crate::tests::connected;

    fn paid() -> Value {
        json!({
            "notificationId": "d0e8e7fe-c3e7-4add-a480-27bc5ce28a18", "eventType": "net.authorize.payment.authcapture.created",
            "eventDate": "2026-11-28T03:00:00.123Z", "webhookId": "63d6fea2-aa13-4b1d-a204-f5fbc15942b7",
            "payload": {
                "responseCode": 1, "authCode": "HW617E", "avsResponse": "Y", "authAmount": 129.5, "invoiceNumber": "INV-7",
                "entityName": "transaction", "id": "60000000001",
            },
        })
    }

    fn receive(events: &Value) -> Value {
        let stage = testing::plugin(crate::plugin()).receive(
            "authorize-net-event",
            json!({"events": events}),
            ("POST", "https://jackfield.example/hooks/1"),
            &[("Content-Type", "application/json")],
            paid().to_string().as_bytes(),
        );
        connected(stage, &json!({})).run().output()
    }

    #[test]
    fn a_payment_is_told_whole() {
        let expected = json!({"accepted": {"events": [{
            "dedupeKey": "d0e8e7fe-c3e7-4add-a480-27bc5ce28a18", "type": "net.authorize.payment.authcapture.created",
            "occurredAt": "2026-11-28T03:00:00.123Z", "data": paid(),
        }]}});
        for wanted in [
            json!([]),
            json!(["payment.authcapture.created"]),
            json!(["net.authorize.payment.authcapture.created"]),
            json!(["customer.created", "payment.*"]),
        ] {
            assert_eq!(receive(&wanted), expected, "{wanted}");
        }
    }

    #[test]
    fn what_nobody_asked_for_starts_nothing() {
        for other in [
            json!(["payment.refund.created"]),
            json!(["customer.*"]),
            json!(["payment"]),
        ] {
            assert_eq!(
                receive(&other),
                json!({"accepted": {"events": []}}),
                "{other}"
            );
        }
    }
}
