//! What Stripe tells: <https://docs.stripe.com/webhooks>. Each event comes signed, to the address of a connected app.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    Event, HmacAlgorithm, InboundRequest, OptionChoice, OptionSource, Options, OptionsQuery,
    ProviderWebhook, Reception, SignatureEncoding, Webhook,
};

/// A signature is good for so long, in seconds, as in Stripe's own libraries.
const TOLERANCE: u64 = 300;

/// The types of events that an endpoint can be told of, one a line, as Stripe's own library lists them.
const TYPES: &str = include_str!("event/types.txt");

/// What Stripe sends to the address of a connected app.
pub(crate) struct Events;

impl ProviderWebhook for Events {
    const EVENT_TYPES: &'static [(&'static str, &'static str)] = &[
        ("payment_intent.succeeded", "A payment was made."),
        (
            "payment_intent.payment_failed",
            "A payment was tried and failed.",
        ),
        (
            "payment_intent.requires_action",
            "The customer has to do something for a payment, such as confirm it with the bank.",
        ),
        (
            "charge.refunded",
            "A payment was paid back, all of it or a part.",
        ),
        (
            "charge.dispute.created",
            "A customer disputes a payment at the bank.",
        ),
        ("charge.dispute.closed", "A dispute has ended."),
        (
            "checkout.session.completed",
            "A customer has gone through a checkout.",
        ),
        ("customer.created", "There is a new customer."),
        (
            "customer.updated",
            "Something about a customer has changed.",
        ),
        ("customer.deleted", "A customer was deleted."),
        (
            "customer.subscription.created",
            "A customer has subscribed.",
        ),
        (
            "customer.subscription.updated",
            "A subscription has changed: another plan, or another status.",
        ),
        ("customer.subscription.deleted", "A subscription has ended."),
        (
            "customer.subscription.trial_will_end",
            "A trial ends in three days.",
        ),
        ("invoice.created", "There is a new invoice."),
        ("invoice.finalized", "An invoice is ready to be paid."),
        ("invoice.paid", "An invoice was paid."),
        (
            "invoice.payment_failed",
            "The payment of an invoice failed; so begins the dunning of a subscription.",
        ),
        (
            "payment_method.attached",
            "A customer has saved a payment method.",
        ),
        ("payout.paid", "A payout has reached the bank account."),
        (
            "payout.failed",
            "A payout has not reached the bank account.",
        ),
    ];
    const SETUP: &'static str = "Add an endpoint with this URL in Stripe, under Developers, Webhooks, and choose its events. Give \
        the hook its signing secret (`whsec_…`).";

    async fn receive(context: Context, request: InboundRequest) -> Result<Reception> {
        read(&context, &request, &[]).await
    }
}

/// Starts a run for each event that Stripe tells of.
#[derive(Config)]
pub(crate) struct StripeEvent {
    /// The types of events that start a run, such as `invoice.paid`, or `invoice.*` for all about invoices. All that the endpoint
    /// is told of when there are none.
    #[field(label = "Event types", default, options = "event_types", example = json!(["invoice.paid"]))]
    events: Vec<String>,
}

impl Webhook for StripeEvent {
    const TYPE: &'static str = "stripe-event";

    fn about() -> About {
        About::new("Stripe event")
            .description("Starts when something happens in Stripe: a payment, a failed invoice, the end of a subscription.")
            .icon("credit-card")
            .provider("stripe")
            .output("data-out", "Stripe's event; what it is about is in `data.object`.")
            .documentation(concat!(
                include_str!("event/documentation.md"),
                "\n```json\n",
                include_str!("event/sample.json"),
                "```\n"
            ))
            .options::<EventTypes>()
    }

    async fn receive(self, context: Context, request: InboundRequest) -> Result<Reception> {
        read(&context, &request, &self.events).await
    }
}

/// The types of events, by what somebody has typed of them.
struct EventTypes;

impl OptionSource for EventTypes {
    const NAME: &'static str = "event_types";

    async fn load(_: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let search = query.search.unwrap_or_default().to_lowercase();
        let described = |name: &str| {
            let known = Events::EVENT_TYPES.iter().find(|(known, _)| *known == name);
            known.map(|(_, description)| (*description).to_owned())
        };
        let found = TYPES.lines().filter(|name| name.contains(&search));
        let options = found.map(|name| OptionChoice {
            value: name.into(),
            label: name.to_owned(),
            description: described(name),
        });
        Ok(Options {
            options: options.collect(),
            cursor: None,
        })
    }
}

/// What of an event matters here; the run gets all of it.
#[derive(Deserialize)]
struct Told {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
}

async fn read(context: &Context, request: &InboundRequest, wanted: &[String]) -> Result<Reception> {
    if let Err(reason) = verify(context, request).await? {
        return Ok(Reception::rejected(reason));
    }
    let event: Whole<Told> = request.json()?;
    let is_wanted = wanted.is_empty()
        || wanted
            .iter()
            .any(|wanted| matches(wanted, &event.event_type));
    let event = is_wanted.then(|| Event::new(&event.id, event.value()).of_type(&event.event_type));
    Ok(Reception::accepted(event))
}

/// Whether a type is the wanted one, or begins as it does up to its `*`.
fn matches(wanted: &str, event_type: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => event_type.starts_with(prefix),
        None => event_type == wanted,
    }
}

/// Why the request is not Stripe's, where it is not. While a secret is being replaced there are several signatures.
async fn verify(context: &Context, request: &InboundRequest) -> Result<Result<(), &'static str>> {
    let header = request.header("stripe-signature").unwrap_or_default();
    let parts = || {
        header
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
    };
    let time = parts().find(|(name, _)| *name == "t").map(|(_, time)| time);
    let seconds = time.and_then(|time| time.parse::<i64>().ok());
    let (Some(time), Some(seconds), Some(app)) = (time, seconds, context.credential()) else {
        return Ok(Err("The request is not signed."));
    };
    let now = context.now().await?.unix_micros / 1_000_000;
    if now.abs_diff(seconds) > TOLERANCE {
        return Ok(Err("The signature is too old, or from the future."));
    }
    let mut signed = format!("{time}.").into_bytes();
    signed.extend_from_slice(request.bytes());
    for (_, signature) in parts().filter(|(name, value)| *name == "v1" && is_sha256(value)) {
        let (key, signature) = ((app, "webhookSecret"), (signature, SignatureEncoding::Hex));
        let is_right = context.verify_hmac(HmacAlgorithm::Sha256, key, &signed, signature);
        if is_right.await? {
            return Ok(Ok(()));
        }
    }
    Ok(Err("The signature is wrong."))
}

fn is_sha256(signature: &str) -> bool {
    signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    const SECRET: &str = "whsec_test";
    const NOW: i64 = 1_700_000_000;

    /// Made by Stripe's own library, of this body and time.
    const BODY: &str = r#"{"id":"evt_1"}"#;
    const SIGNATURE: &str = "c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";

    fn signed(body: &str, time: i64) -> String {
        let message = format!("{time}.{body}");
        let signature = testing::sign(
            HmacAlgorithm::Sha256,
            SECRET.as_bytes(),
            message.as_bytes(),
            SignatureEncoding::Hex,
        );
        format!("t={time},v1={signature}")
    }

    fn receive(types: &[&str], body: &str, header: &str) -> Value {
        let headers = [("Stripe-Signature", header)];
        let post = ("POST", "https://jackfield.example/hooks/1");
        testing::plugin(crate::plugin())
            .receive(
                "stripe-event",
                json!({"events": types}),
                post,
                &headers,
                body.as_bytes(),
            )
            .connected_app("stripe", &json!({}))
            .secret("webhookSecret", SECRET)
            .now(NOW * 1_000_000)
            .run()
            .output()
    }

    #[test]
    fn signatures_are_those_of_stripes_library() {
        assert_eq!(signed(BODY, NOW), format!("t={NOW},v1={SIGNATURE}"));
    }

    #[test]
    fn the_sample_starts_a_run() {
        let sample = include_str!("event/sample.json");
        let event: Value = serde_json::from_str(sample).unwrap();
        let received = receive(
            &["invoice.paid", "payment_intent.*"],
            sample,
            &signed(sample, NOW),
        );
        let expected = json!({"accepted": {"events": [{"dedupeKey": event["id"], "type": event["type"], "data": event}]}});
        assert_eq!(received, expected);
    }

    #[test]
    fn only_chosen_types_start_a_run() {
        let body = r#"{"id":"evt_1","type":"invoice.paid"}"#;
        let count = |types: &[&str]| {
            receive(types, body, &signed(body, NOW))["accepted"]["events"]
                .as_array()
                .map(Vec::len)
        };
        assert_eq!(count(&[]), Some(1));
        assert_eq!(count(&["charge.refunded", "invoice.paid"]), Some(1));
        assert_eq!(count(&["invoice.*"]), Some(1));
        assert_eq!(count(&["*"]), Some(1));
        assert_eq!(count(&["invoice"]), Some(0));
        assert_eq!(count(&["customer.*"]), Some(0));
    }

    #[test]
    fn what_stripe_has_not_signed_now_is_rejected() {
        let body = r#"{"id":"evt_1","type":"invoice.paid"}"#;
        let reason = |header: &str| receive(&[], body, header)["rejected"]["reason"].clone();
        assert_eq!(reason(""), "The request is not signed.");
        assert_eq!(reason("t=soon,v1=00"), "The request is not signed.");
        assert_eq!(
            reason(&format!("t={NOW},v1={SIGNATURE}")),
            "The signature is wrong."
        );
        assert_eq!(
            reason(&format!("t={NOW},v1=00,v0={SIGNATURE}")),
            "The signature is wrong."
        );
        assert_eq!(
            reason(&signed(body, NOW - 301)),
            "The signature is too old, or from the future."
        );
        assert_eq!(
            reason(&signed(body, NOW + 301)),
            "The signature is too old, or from the future."
        );
        let second = signed(body, NOW).replace("v1=", &format!("v1={SIGNATURE},v1="));
        assert_eq!(reason(&second), Value::Null);
    }

    #[test]
    fn types_are_found_by_a_part_of_their_name() {
        let names: Vec<&str> = TYPES.lines().collect();
        for (name, _) in Events::EVENT_TYPES {
            assert!(names.contains(name), "Stripe has no event {name}");
        }
        let stage =
            testing::plugin(crate::plugin()).options("stripe-event", "event_types", json!({}));
        let loaded = stage.run().output();
        assert_eq!(loaded["options"].as_array().unwrap().len(), names.len());
        let paid = loaded["options"]
            .as_array()
            .unwrap()
            .iter()
            .find(|option| option["value"] == "invoice.paid");
        assert_eq!(paid.unwrap()["description"], "An invoice was paid.");
    }
}
