//! What an accepted webhook is called in the event log, and how a repeated delivery is recognised.
//!
//! | scheme | event type | same event when these are the same |
//! |---|---|---|
//! | `stripe` | `stripe.` and the body's `type` | `id` |
//! | `github` | `github.` and `X-GitHub-Event`, then `.` and `action` | `X-GitHub-Delivery` |
//! | `slack` | `slack.` and `event.type`, else `type`; `slack.command`, `slack.interaction` | `event_id` |
//! | `twilio` | `twilio.message.` or `twilio.call.` and the status | message: `MessageSid` and status; else `I-Twilio-Idempotency-Token` |
//! | `quickbooks` | `quickbooks.` and the CloudEvents `type` | the `id`s |
//! | `meta` | `meta.` and `object` | – |
//! | `sendgrid` | `sendgrid.` and `event` | the `sg_event_id`s |
//! | `quo` | `quo.` and `type` | `id` |
//! | `authorize-net` | `authorize-net.` and `eventType` without `net.authorize.` | `notificationId` |
//! | `lob` | `lob.` and `event_type.id` | `id` |
//! | `postmark` | `postmark.` and `RecordType` | – |
//! | `mailchimp` | `mailchimp.` and `type` | – |
//! | `google` | `google.` and `X-Goog-Resource-State` | channel id and message number |
//! | `tap` | `tap.`, the `object` and the status in small letters | `id` and status |
//! | `standard` | `webhook.received` | `webhook-id` |
//! | `none`, `basic`, `bearer`, `hmac-…` | `webhook.received` | – |
//!
//! At the hook of a connected app the name of its provider stands in front instead, and what the general schemes bring is called
//! by its `type` or `event`.
//!
//! A request with several events that differ in type is called `….batch`. Twilio's calls are not told apart by `CallSid`
//! and status, because one call asks several times in the same status.

mod members;

use http::HeaderMap;
use jackfield_storage::{
    Json, Timestamp,
    event::{named, short_id},
    inbound_hook::Scheme,
};

use super::verify::{STANDARD_ID, SVIX_ID};
use members::Members;

const GENERIC_TYPE: &str = "webhook.received";

/// An event's name and, if its provider gives one, its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// At most 200 characters, letters, digits and `._-`.
    pub event_type: String,
    /// The provider's id of the event, printable and short.
    pub provider_id: Option<String>,
    /// When it happened, if the provider says so.
    pub occurred_at: Option<Timestamp>,
}

/// Names the event that `body` and `headers` carry, which may be one of a connected app's `provider`.
pub(super) fn identify(
    scheme: Scheme,
    provider: Option<&str>,
    headers: &HeaderMap,
    body: &Json,
) -> Identity {
    let events = Members::all(body.as_str());
    let whole = events.first().cloned().unwrap_or_default();
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };

    let (name, id) = match scheme {
        Scheme::Stripe | Scheme::Quo => (whole.text("type"), whole.text("id")),
        Scheme::Github => (
            joined([header("x-github-event"), whole.text("action")]),
            header("x-github-delivery"),
        ),
        Scheme::Slack => (slack_name(&whole), whole.text("event_id")),
        Scheme::Twilio => twilio(&whole, header("i-twilio-idempotency-token")),
        Scheme::Quickbooks => (same(&events, "type"), ids(&events, "id")),
        Scheme::Meta => (whole.text("object"), None),
        Scheme::Sendgrid => (same(&events, "event"), ids(&events, "sg_event_id")),
        Scheme::AuthorizeNet => (authorize_net_name(&whole), whole.text("notificationId")),
        Scheme::Lob => (whole.inner("event_type").text("id"), whole.text("id")),
        Scheme::Postmark => {
            let record = whole
                .text("RecordType")
                .map(|name| name.to_ascii_lowercase());
            (record.or_else(|| Some("inbound".to_owned())), None)
        }
        Scheme::Mailchimp => (whole.text("type"), None),
        Scheme::Google => {
            let number = joined_with(
                ":",
                [header("x-goog-channel-id"), header("x-goog-message-number")],
            );
            (header("x-goog-resource-state"), number)
        }
        Scheme::Tap => (tap_name(&whole), tap_id(&whole)),
        Scheme::Standard => (
            general_name(&whole),
            header(STANDARD_ID).or_else(|| header(SVIX_ID)),
        ),
        Scheme::None
        | Scheme::Basic
        | Scheme::Bearer
        | Scheme::HmacSha1
        | Scheme::HmacSha256
        | Scheme::HmacSha512
        | Scheme::Plugin => (general_name(&whole), None),
    };
    Identity {
        event_type: match provider {
            Some(provider) => named(provider, name),
            None if is_general(scheme) => GENERIC_TYPE.to_owned(),
            None => named(scheme.as_str(), name),
        },
        provider_id: id.filter(|id| !id.is_empty()).map(short_id),
        occurred_at: occurred_at(scheme, &whole),
    }
}

/// Whether a scheme says nothing of who sends.
fn is_general(scheme: Scheme) -> bool {
    matches!(
        scheme,
        Scheme::None
            | Scheme::Standard
            | Scheme::Basic
            | Scheme::Bearer
            | Scheme::HmacSha1
            | Scheme::HmacSha256
            | Scheme::HmacSha512
            | Scheme::Plugin
    )
}

fn general_name(body: &Members<'_>) -> Option<String> {
    body.text("type").or_else(|| body.text("event"))
}

fn tap_name(body: &Members<'_>) -> Option<String> {
    let status = body
        .text("status")
        .map(|status| status.to_ascii_lowercase());
    joined([body.text("object"), status])
}

fn tap_id(body: &Members<'_>) -> Option<String> {
    joined_with(":", [body.text("id"), body.text("status")])
}

fn slack_name(body: &Members<'_>) -> Option<String> {
    let event = body.inner("event").text("type");
    let command = body.text("command").map(|_| "command".to_owned());
    let interaction = body.text("payload").map(|_| "interaction".to_owned());
    event
        .or_else(|| body.text("type"))
        .or(command)
        .or(interaction)
}

fn twilio(body: &Members<'_>, token: Option<String>) -> (Option<String>, Option<String>) {
    if let Some(sid) = body.text("MessageSid").or_else(|| body.text("SmsSid")) {
        let status = body
            .text("MessageStatus")
            .or_else(|| body.text("SmsStatus"));
        let status = status.unwrap_or_else(|| "received".to_owned());
        return (
            Some(format!("message.{status}")),
            Some(format!("{sid}:{status}")),
        );
    }
    let call = body
        .text("CallStatus")
        .map(|status| format!("call.{status}"));
    (call.or_else(|| Some("received".to_owned())), token)
}

fn authorize_net_name(body: &Members<'_>) -> Option<String> {
    let name = body.text("eventType")?;
    Some(
        name.strip_prefix("net.authorize.")
            .unwrap_or(&name)
            .to_owned(),
    )
}

/// The text that all events have as `member`; `batch` when they differ.
fn same(events: &[Members<'_>], member: &str) -> Option<String> {
    let first = events.first()?.text(member)?;
    let all = events
        .iter()
        .all(|event| event.text(member).as_deref() == Some(&first));
    Some(if all { first } else { "batch".to_owned() })
}

/// The ids of all events; nothing when one of them has none.
fn ids(events: &[Members<'_>], member: &str) -> Option<String> {
    let ids: Option<Vec<_>> = events.iter().map(|event| event.text(member)).collect();
    ids.map(|ids| ids.join(" "))
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> Option<String> {
    let present: Vec<_> = parts.into_iter().flatten().collect();
    (!present.is_empty()).then(|| present.join("."))
}

/// The parts with `separator` between them, if all are there.
fn joined_with<const N: usize>(separator: &str, parts: [Option<String>; N]) -> Option<String> {
    let all: Option<Vec<_>> = parts.into_iter().collect();
    all.map(|parts| parts.join(separator))
}

fn occurred_at(scheme: Scheme, body: &Members<'_>) -> Option<Timestamp> {
    let seconds: i64 = match scheme {
        Scheme::Stripe => body.text("created")?.parse().ok()?,
        Scheme::Slack => body.text("event_time")?.parse().ok()?,
        _ => return None,
    };
    seconds.checked_mul(1_000_000).map(Timestamp::from_micros)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn identity(scheme: Scheme, headers: &[(&'static str, &'static str)], body: &str) -> String {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        let identity = identify(scheme, None, &headers, &Json::check(body).unwrap());
        format!(
            "{} {}",
            identity.event_type,
            identity.provider_id.as_deref().unwrap_or("-")
        )
    }

    type Headers = &'static [(&'static str, &'static str)];

    const EVENTS: &[(Scheme, Headers, &str)] = &[
        (
            Scheme::Stripe,
            &[],
            r#"{"id": "evt_1", "type": "payment_intent.succeeded", "created": 1700000000}"#,
        ),
        (
            Scheme::Github,
            &[
                ("x-github-event", "issues"),
                ("x-github-delivery", "72d3162e"),
            ],
            r#"{"action": "opened"}"#,
        ),
        (
            Scheme::Github,
            &[
                ("x-github-event", "push"),
                ("x-github-delivery", "72d3162e"),
            ],
            "{}",
        ),
        (
            Scheme::Slack,
            &[],
            r#"{"type": "event_callback", "event_id": "Ev08", "event": {"type": "message"}}"#,
        ),
        (
            Scheme::Slack,
            &[],
            r#"{"command": "/weather", "text": "94070"}"#,
        ),
        (
            Scheme::Twilio,
            &[],
            r#"{"MessageSid": "SM1", "SmsStatus": "received", "Body": "hi"}"#,
        ),
        (
            Scheme::Twilio,
            &[],
            r#"{"MessageSid": "SM1", "MessageStatus": "delivered"}"#,
        ),
        (
            Scheme::Twilio,
            &[("i-twilio-idempotency-token", "8d1a")],
            r#"{"CallSid": "CA1", "CallStatus": "in-progress"}"#,
        ),
        (
            Scheme::Quickbooks,
            &[],
            r#"[{"id": "a", "type": "qbo.invoice.created.v1"}, {"id": "b", "type": "qbo.invoice.created.v1"}]"#,
        ),
        (Scheme::Quickbooks, &[], r#"{"eventNotifications": []}"#),
        (
            Scheme::Meta,
            &[],
            r#"{"object": "whatsapp_business_account", "entry": []}"#,
        ),
        (
            Scheme::Sendgrid,
            &[],
            r#"[{"sg_event_id": "a", "event": "open"}, {"sg_event_id": "b", "event": "click"}]"#,
        ),
        (
            Scheme::Quo,
            &[],
            r#"{"id": "EV1", "type": "message.received"}"#,
        ),
        (
            Scheme::AuthorizeNet,
            &[],
            r#"{"notificationId": "d0e8", "eventType": "net.authorize.payment.refund.created"}"#,
        ),
        (
            Scheme::Lob,
            &[],
            r#"{"id": "evt_9", "event_type": {"id": "check.mailed"}}"#,
        ),
        (Scheme::Postmark, &[], r#"{"RecordType": "Bounce"}"#),
        (Scheme::Mailchimp, &[], r#"{"type": "subscribe"}"#),
        (
            Scheme::Google,
            &[
                ("x-goog-resource-state", "exists"),
                ("x-goog-channel-id", "c1"),
                ("x-goog-message-number", "10"),
            ],
            "null",
        ),
        (
            Scheme::Standard,
            &[("webhook-id", "msg_1")],
            r#"{"type": "invoice.paid"}"#,
        ),
        (Scheme::None, &[("webhook-id", "msg_1")], r#"{"id": "1"}"#),
    ];

    #[test]
    fn providers_name_their_events() {
        let said: Vec<_> = EVENTS
            .iter()
            .map(|(scheme, headers, body)| identity(*scheme, headers, body))
            .collect();

        insta::assert_snapshot!(said.join("\n"), @"
        stripe.payment_intent.succeeded evt_1
        github.issues.opened 72d3162e
        github.push 72d3162e
        slack.message Ev08
        slack.command -
        twilio.message.received SM1:received
        twilio.message.delivered SM1:delivered
        twilio.call.in-progress 8d1a
        quickbooks.qbo.invoice.created.v1 sha256:c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65
        quickbooks.received -
        meta.whatsapp_business_account -
        sendgrid.batch sha256:c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65
        quo.message.received EV1
        authorize-net.payment.refund.created d0e8
        lob.check.mailed evt_9
        postmark.bounce -
        mailchimp.subscribe -
        google.exists c1:10
        webhook.received msg_1
        webhook.received -
        ");
    }

    #[test]
    fn a_body_without_the_expected_members_still_has_a_name() {
        for scheme in Scheme::ALL {
            for body in [
                "null",
                "[]",
                "{}",
                "7",
                r#"{"id": {}, "type": null, "event": 5}"#,
            ] {
                let identity = identity(*scheme, &[], body);
                assert!(identity.ends_with(" -"), "{scheme}: {identity}");
            }
        }
    }

    #[test]
    fn what_comes_from_outside_is_tamed() {
        let long = format!(
            r#"{{"id": "{}", "type": "a b\u0000<script>"}}"#,
            "x".repeat(1000)
        );
        let said = identity(Scheme::Stripe, &[], &long);

        insta::assert_snapshot!(said, @"stripe.a_b__script_ sha256:44f8354494a5ba03ba1792a8d3e9c534c47a9181980fde7a3f44b06ef2ae7c7f");
    }

    #[test]
    fn stripe_says_when_it_happened() {
        let body = Json::check(r#"{"created": 1700000000}"#).unwrap();
        let identity = identify(Scheme::Stripe, None, &HeaderMap::new(), &body);

        assert_eq!(
            identity.occurred_at,
            Some(Timestamp::from_micros(1_700_000_000_000_000))
        );
    }
}
