//! A booking is confirmed: the card is charged, the crew and the customer are told.

use anyhow::Result;
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::stripe::Stripe;
use jackfield_tests::{
    Client, Engine, Google, Jackfield, Postmark, Slack, Twilio, on_both_engines,
};
use serde_json::{Value, json};

use super::{run_of, start};

on_both_engines![
    a_confirmed_booking_is_charged_and_everybody_told,
    a_card_that_is_declined_ends_it,
    a_receipt_is_sent_whatever_else_fails,
    a_changed_quote_is_told_to_sales,
];

const KIND: &str = "appointment.status_changed";

struct World {
    jackfield: Jackfield,
    stripe: Stripe,
    google: Google,
    twilio: Twilio,
    postmark: Postmark,
    slack: Slack,
}

async fn world(engine: Engine) -> Result<World> {
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    let (stripe, google) = (Stripe::start().await?, Google::start().await?);
    let (twilio, postmark) = (
        Twilio::start(&["+15550100"]).await?,
        Postmark::start().await?,
    );
    stripe.connect(&owner, "Payments").await?;
    stripe.customer("ada@example.com");
    google.connect(&owner).await?;
    let phone = twilio.connect(&owner).await?;
    owner.import_resources(&phone.id, "phone_number").await?;
    postmark.senders(&[("hello@example.com", true)]);
    let mail = postmark.connect(&owner, "Mail").await?;
    owner.import_resources(&mail, "sender_email").await?;
    for outside in [
        &stripe.outside,
        &google.outside,
        &twilio.outside,
        &postmark.outside,
    ] {
        outside.forget();
    }
    Ok(World {
        jackfield,
        stripe,
        google,
        twilio,
        postmark,
        slack,
    })
}

impl World {
    async fn told(&self, owner: &Client, run: &Value) -> Result<String> {
        let vendors = [
            ("stripe", &self.stripe.outside),
            ("google", &self.google.outside),
            ("twilio", &self.twilio.outside),
            ("postmark", &self.postmark.outside),
            ("slack", &self.slack.outside),
        ];
        let told = owner.told_of(run, &vendors).await?;
        // The assertion of a service account differs each time.
        let lines = told.lines().filter(|line| !line.contains("POST /token "));
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }
}

/// An appointment that gets from this status to another one.
fn appointment(from: &str, to: &str) -> Value {
    json!({
        "id": "apt_1", "bookingId": "bkg_1", "status": to, "previousStatus": from, "scheduledAt": "2026-12-02T09:30:00Z",
        "service": "Window cleaning", "address": "1 Example Street", "duration": "PT1H30M", "amount": 12900, "currency": "EUR",
        "customer": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+15551230000"},
    })
}

async fn a_confirmed_booking_is_charged_and_everybody_told(engine: Engine) -> Result<()> {
    let world = world(engine).await?;
    let owner = world.jackfield.owner();
    let workflow = world
        .jackfield
        .apply_example("booking-confirmed.yaml")
        .await?;
    // One that was confirmed already, or is not, is charged for nothing.
    let events = [
        ("CONFIRMED", "CONFIRMED"),
        ("CONFIRMED", "CANCELLED"),
        ("PENDING", "CONFIRMED"),
    ];
    let events = events.map(|(from, to)| appointment(from, to));
    let run = run_of(&owner, &workflow, KIND, &events).await?;
    let told = world.told(&owner, &run).await?;
    allow_duplicates! {
        assert_snapshot!(told, @"");
    }
    world.jackfield.finish().await
}

async fn a_card_that_is_declined_ends_it(engine: Engine) -> Result<()> {
    let world = world(engine).await?;
    let owner = world.jackfield.owner();
    let declined = Stripe::error(
        402,
        "card_error",
        "card_declined",
        "Your card was declined.",
    );
    world.stripe.payments([declined]);
    let workflow = world
        .jackfield
        .apply_example("booking-confirmed.yaml")
        .await?;
    let run = run_of(
        &owner,
        &workflow,
        KIND,
        &[appointment("PENDING", "CONFIRMED")],
    )
    .await?;
    let told = world.told(&owner, &run).await?;
    allow_duplicates! {
        assert_snapshot!(told, @"");
    }
    world.jackfield.finish().await
}

async fn a_receipt_is_sent_whatever_else_fails(engine: Engine) -> Result<()> {
    let world = world(engine).await?;
    let owner = world.jackfield.owner();
    world
        .google
        .events([Google::error(403, "forbidden", "Forbidden")]);
    let refused = Twilio::refused(400, 21211, "Invalid 'To' Phone Number");
    world.twilio.answer_messages([refused]);
    let workflow = world
        .jackfield
        .apply_example("booking-confirmed.yaml")
        .await?;
    let run = run_of(
        &owner,
        &workflow,
        KIND,
        &[appointment("PENDING", "CONFIRMED")],
    )
    .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(
        world
            .postmark
            .outside
            .requests_to("/email/withTemplate")
            .len(),
        1
    );
    let message = world.slack.messages()[0].json()["text"].clone();
    allow_duplicates! {
        assert_snapshot!(message.as_str().unwrap_or_default(), @"");
    }
    world.jackfield.finish().await
}

async fn a_changed_quote_is_told_to_sales(engine: Engine) -> Result<()> {
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    let workflow = jackfield.apply_example("quote-updated.yaml").await?;
    let quote = json!({
        "id": "quo_1", "number": "Q-1001", "status": "ACCEPTED", "amount": 12500, "currency": "EUR", "validUntil": "2026-12-02T09:30:00Z",
    });
    let run = run_of(&owner, &workflow, "quote.updated", &[quote]).await?;
    let told = owner.told_of(&run, &[("slack", &slack.outside)]).await?;
    allow_duplicates! {
        assert_snapshot!(told, @"");
    }
    // What the catalogue leaves open may be missing.
    owner
        .publish_event("quote.updated", json!({"id": "quo_2"}))
        .await?;
    owner.ended_runs_of(&workflow, 2).await?;
    assert_eq!(
        slack.messages()[1].json()["text"],
        "*Quote quo_2* is changed\nNo amount yet"
    );
    jackfield.finish().await
}
