//! A booking is confirmed: the card is charged, the crew and the customer are told.

use anyhow::Result;
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::stripe::Stripe;
use jackfield_tests::{
    Client, Engine, Google, Jackfield, Postmark, Slack, Twilio, hidden, on_both_engines,
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
        // The id of the event is made of the run's, and the receipt is of today.
        let told = hidden(&told, "\"id\":\"RUN", &['"']);
        let told = hidden(&told, "\"paid_on\":\"", &['"']);
        // A service account proves itself anew each time, or has a token still.
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
        assert_snapshot!(told, @r#"
        SUCCEEDED
        confirmed SUCCEEDED -> data-out
        charge SUCCEEDED -> data-out {"id":"pi_1","object":"payment_intent","status":"succeeded","amount":12900,"currency":"eur","customer":null,"latest_charge":"ch_1"}
        unpaid SKIPPED
        calendar SUCCEEDED -> data-out {"id":"made","status":"confirmed","summary":"Spring clean"}
        sms SUCCEEDED -> data-out {"sid":"SM1","status":"queued","to":"+15551230000","from":"+15550100","body":"Hello","num_segments":"1","error_code":null,"error_message":null}
        receipt SUCCEEDED -> data-out {"To":"ada@example.com","SubmittedAt":"2026-11-27T10:00:00Z","MessageID":"b7bc2f4a-e38e-4336-af7d-e6c392c2f817","ErrorCode":0,"Message":"OK"}
        summary SUCCEEDED -> data-out {"channel":"C0123456789","ts":"1700000000.000100","ok":true}
        stripe <- GET /v1/customers?limit=2&email=ada%40example.com
        stripe <- POST /v1/payment_intents amount=12900&currency=eur&customer=cus_1&payment_method=pm_1&description=Window+cleaning%2C+booking+bkg_1&confirm=true&off_session=true&metadata%5Bbooking%5D=bkg_1
        google <- POST /calendar/v3/calendars/primary/events?sendUpdates=none {"start":{"dateTime":"2026-12-02T09:30:00Z"},"end":{"dateTime":"2026-12-02T11:00:00Z"},"id":"RUN…","summary":"Window cleaning: Ada Lovelace","description":"Booking bkg_1, +15551230000","location":"1 Example Street","extendedProperties":{"private":{"booking":"bkg_1"}}}
        twilio <- POST /2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json To=%2B15551230000&Body=Ada%2C+your+window+cleaning+is+confirmed+for+Wednesday%2C+2+December+at+10%3A30.&From=%2B15550100
        postmark <- POST /email/withTemplate {"From":"hello@example.com","To":"ada@example.com","TemplateAlias":"booking-receipt","TemplateModel":{"address":"1 Example Street","name":"Ada Lovelace","paid_on":"…","payment":"pi_1","service":"Window cleaning","total":"129.00 EUR"}}
        slack <- POST /api/chat.postMessage channel=%23operations&text=*Booked%3A*+Window+cleaning+for+Ada+Lovelace%2C+129.00+EUR+paid%0ACalendar%3A+done%0AText+message%3A+sent%0AReceipt%3A+sent
        "#);
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
        assert_snapshot!(told, @r#"
        SUCCEEDED
        confirmed SUCCEEDED -> data-out
        charge FAILED -> error {"error":{"code":"CARD_DECLINED","message":"api.stripe.com answered 402: Your card was declined.","data":{"error":{"type":"card_error","code":"card_declined","message":"Your card was declined."}}}}
        unpaid SUCCEEDED -> data-out {"channel":"C0123456789","ts":"1700000000.000100","ok":true}
        calendar SKIPPED
        sms SKIPPED
        receipt SKIPPED
        summary SKIPPED
        stripe <- GET /v1/customers?limit=2&email=ada%40example.com
        stripe <- POST /v1/payment_intents amount=12900&currency=eur&customer=cus_1&payment_method=pm_1&description=Window+cleaning%2C+booking+bkg_1&confirm=true&off_session=true&metadata%5Bbooking%5D=bkg_1
        slack <- POST /api/chat.postMessage channel=%23operations&text=*Not+charged%3A*+booking+bkg_1+of+Ada+Lovelace%2C+129.00+EUR.+api.stripe.com+answered+402%3A+Your+card+was+declined.
        "#);
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
    let (message, _) = world.slack.said().swap_remove(0);
    allow_duplicates! {
        assert_snapshot!(message, @"
    *Booked:* Window cleaning for Ada Lovelace, 129.00 EUR paid
    Calendar: www.googleapis.com answered 403: Forbidden.
    Text message: api.twilio.com answered 400: Invalid 'To' Phone Number.
    Receipt: sent
    ");
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
        assert_snapshot!(told, @r#"
        SUCCEEDED
        updated SUCCEEDED -> data-out
        tell SUCCEEDED -> data-out {"channel":"C0123456789","ts":"1700000000.000100","ok":true}
        slack <- POST /api/chat.postMessage channel=%23sales&text=*Quote+Q-1001*+is+accepted%0A125.00+EUR%2C+valid+until+2+December+2026
        "#);
    }
    // What the catalogue leaves open may be missing.
    owner
        .publish_event("quote.updated", json!({"id": "quo_2"}))
        .await?;
    owner.ended_runs_of(&workflow, 2).await?;
    assert_eq!(slack.said()[1].0, "*Quote quo_2* is changed\nNo amount yet");
    jackfield.finish().await
}
