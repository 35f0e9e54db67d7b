//! The trigger `tap-event`: <https://developers.tap.company/docs/webhook>. The server verifies the signatures.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};

/// What Tap can tell of, by the object and its status.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("charge.captured", "A charge was made."),
    ("charge.declined", "The bank declined a charge."),
    ("charge.failed", "A charge failed."),
    ("charge.cancelled", "The customer cancelled a charge."),
    ("charge.abandoned", "The customer left without paying."),
    ("charge.restricted", "A charge is not allowed."),
    ("charge.timedout", "The customer has taken too long."),
    ("authorize.authorized", "Money was reserved."),
    ("authorize.declined", "The bank did not reserve money."),
    ("refund.refunded", "Money of a charge was paid back."),
    ("refund.declined", "The bank declined a refund."),
    ("refund.failed", "A refund failed."),
];

/// Starts a run when something becomes of a charge or refund.
#[derive(Config)]
pub(crate) struct Happened {
    /// For what, such as `charge.captured`, or `charge.*` for all of charges; for everything unless given.
    #[field(default, example = json!(["charge.captured"]))]
    events: Vec<String>,
}

/// What of a charge or refund matters here; the run gets all of it.
#[derive(Deserialize)]
struct Told {
    id: String,
    object: String,
    status: String,
}

impl Webhook for Happened {
    const TYPE: &'static str = "tap-event";

    fn about() -> About {
        About::new("Tap event")
            .description("Starts when a charge was captured or declined, or a refund was made.")
            .icon("credit-card")
            .provider("tap")
            .output("data-out", "The charge or refund, as Tap sends it.")
            .documentation(include_str!("event/documentation.md"))
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        let told: Whole<Told> = request.json()?;
        let name = format!("{}.{}", told.object, told.status.to_ascii_lowercase());
        let key = format!("{}:{}", told.id, told.status);
        let event = Event::new(&key, told.value()).of_type(&name);
        Ok(Reception::accepted(
            Event::is_wanted(&self.events, &name).then_some(event),
        ))
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    fn captured() -> Value {
        json!({
            "id": "chg_TS02A5720231433Qs1w0809820", "object": "charge", "status": "CAPTURED", "amount": 1.5, "currency": "KWD",
            "transaction": {"created": "1694521980000"}, "reference": {"gateway": "123456789012345", "order": "bk_2041"},
        })
    }

    fn receive(events: &Value) -> Value {
        let stage = testing::plugin(crate::plugin()).receive(
            "tap-event",
            json!({"events": events}),
            ("POST", "https://jackfield.example/hooks/1"),
            &[("Content-Type", "application/json")],
            captured().to_string().as_bytes(),
        );
        stage.connected_app("tap", &json!({})).run().output()
    }

    #[test]
    fn a_charge_is_told_whole() {
        let expected = json!({"accepted": {"events": [{
            "dedupeKey": "chg_TS02A5720231433Qs1w0809820:CAPTURED", "type": "charge.captured", "data": captured(),
        }]}});
        assert_eq!(receive(&json!([])), expected);
        assert_eq!(receive(&json!(["refund.*", "charge.captured"])), expected);
    }

    #[test]
    fn what_nobody_asked_for_starts_nothing() {
        let nothing = json!({"accepted": {"events": []}});
        assert_eq!(receive(&json!(["charge.declined"])), nothing);
    }
}
