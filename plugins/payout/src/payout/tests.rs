use jackfield_plugin_sdk::testing::{self, Ran, Reply, Stage};

use super::*;
use crate::tests::as_the_sdk;

const STRIPE: &str = "https://api.stripe.com";
const LOB: &str = "https://api.lob.com";
const CHECKBOOK: &str = "https://api.checkbook.io";

/// A node whose app has this member among its credentials.
fn stage(field: &str, settings: &Value, config: Value) -> Stage {
    let stage = testing::plugin(crate::plugin()).node("payout", config);
    stage
        .connected_app("payout", settings)
        .secret(field, "a-key-of-a-service")
}

fn run(
    field: &str,
    settings: &Value,
    config: Value,
    replies: impl IntoIterator<Item = Reply>,
) -> Ran {
    let stage = stage(field, settings, config);
    replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

fn pays(method: &str, recipient: &str, more: Value) -> Value {
    let mut config =
        json!({"method": method, "recipient": recipient, "amount": "129.50", "currency": "USD"});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

fn deposits(more: Value) -> Value {
    pays("direct_deposit", "acct_1", more)
}

fn transferred() -> Reply {
    Reply::json(
        200,
        &json!({"id": "tr_1", "object": "transfer", "amount": 12950}),
    )
}

fn bank() -> Value {
    json!({"bankAccount": "bank_1", "from": "adr_1"})
}

fn drawn() -> Reply {
    Reply::json(
        200,
        &json!({"id": "chk_1", "object": "check", "expected_delivery_date": "2026-12-05"}),
    )
}

#[test]
fn money_is_transferred_as_stripes_sdk_does() {
    let ran = run(
        "secretKey",
        &json!({}),
        deposits(json!({})),
        [transferred()],
    );
    as_the_sdk("stripe_transfer_with_little", STRIPE, &ran.requests[0]);
    assert_eq!(ran.output()["id"], "tr_1");
    let config = deposits(json!({
        "amount": 500, "currency": "jpy", "description": "Job 12 — Müller & Söhne", "sourceCharge": "ch_1", "transferGroup": "BOOKING_1",
        "metadata": {"job": "job_12"},
    }));
    let ran = run("secretKey", &json!({}), config, [transferred()]);
    as_the_sdk("stripe_transfer", STRIPE, &ran.requests[0]);
}

#[test]
fn money_is_paid_out_to_the_bank_as_stripes_sdk_does() {
    let config = || {
        deposits(json!({
            "deposit": "bank", "speed": "instant", "statementDescriptor": "JACKFIELD", "description": "Job 12", "metadata": {"job": "job_12"},
        }))
    };
    let on_its_way = json!({"id": "po_1", "status": "in_transit", "arrival_date": 1_764_288_000});
    let ran = run(
        "secretKey",
        &json!({}),
        config(),
        [Reply::json(200, &on_its_way)],
    );
    as_the_sdk("stripe_payout", STRIPE, &ran.requests[0]);
    let paid = ran.output();
    assert_eq!(
        (&paid["status"], &paid["expectedOn"]),
        (&json!("in_transit"), &json!(1_764_288_000))
    );
    let refused = json!({"id": "po_1", "status": "failed", "failure_code": "account_closed", "failure_message": "The bank account has been closed."});
    let ran = run(
        "secretKey",
        &json!({}),
        config(),
        [Reply::json(200, &refused)],
    );
    assert_eq!(
        ran.error().to_string(),
        "PAYOUT_FAILED: The bank did not take the payout: The bank account has been closed."
    );
}

#[test]
fn a_check_is_sent_as_lobs_sdk_does() {
    let ran = run(
        "lobKey",
        &bank(),
        pays("check", "adr_2", json!({})),
        [drawn()],
    );
    as_the_sdk("lob_check_with_little", LOB, &ran.requests[0]);
    let paid = ran.output();
    assert_eq!(
        (&paid["service"], &paid["expectedOn"]),
        (&json!("lob"), &json!("2026-12-05"))
    );
    let config = pays(
        "check",
        "worker-7",
        json!({
            "name": "Ada Lovelace", "memo": "Job 12", "message": "Thank you", "checkNumber": 10042, "description": "Payout of job 12",
            "metadata": {"job": "job_12"}, "bankAccount": "bank_1", "from": "adr_1",
            "address": {"line1": "210 King Street", "line2": "Suite 6100", "city": "San Francisco", "state": "CA", "zip": "94107"},
        }),
    );
    let ran = run("lobKey", &json!({}), config, [drawn()]);
    as_the_sdk("lob_check", LOB, &ran.requests[0]);
}

#[test]
fn a_check_is_mailed_as_checkbooks_sdk_does() {
    let config = |name: Value| {
        pays(
            "check",
            "ada@example.com",
            json!({"name": name, "memo": "Job 12"}),
        )
    };
    let answer = json!({"id": "c_1", "status": "IN_PROCESS", "number": "5027"});
    let ran = run(
        "checkbookSecret",
        &json!({}),
        config(json!("Ada Lovelace")),
        [Reply::json(201, &answer)],
    );
    as_the_sdk("checkbook_check", CHECKBOOK, &ran.requests[0]);
    assert_eq!(ran.output()["status"], "IN_PROCESS");
    // Whatever the status.
    let refused = Reply::json(200, &json!({"error": "Invalid recipient"}));
    let ran = run(
        "checkbookSecret",
        &json!({}),
        config(json!("Ada Lovelace")),
        [refused],
    );
    assert_eq!(
        ran.error().message,
        "api.checkbook.io answered 200: Invalid recipient."
    );
    let ran = run("checkbookSecret", &json!({}), config(Value::Null), []);
    assert_eq!(
        ran.error().message,
        "name is missing: it says whom the check is made out to."
    );
}

#[test]
fn an_endpoint_is_asked_again_only_where_it_pays_once_for_each_key() {
    let pay = |idempotent: bool| {
        let settings =
            json!({"endpoint": "https://payroll.example.com/payouts", "idempotent": idempotent});
        let config = pays("other", "worker-7", json!({"details": {"job": 12}}));
        run(
            "endpointToken",
            &settings,
            config,
            [Reply::json(202, &json!({"id": 7}))],
        )
    };
    let ran = pay(true);
    assert_eq!(ran.output()["id"], "7");
    let request = &ran.requests[0];
    assert!(request.idempotency_key.is_some());
    assert_eq!(
        request.json(),
        json!({"recipient": "worker-7", "amount": "129.50", "amountMinor": 12950, "currency": "USD", "details": {"job": 12}})
    );
    // The host takes any such header for leave to send it again.
    let other = &pay(false).requests[0];
    assert_eq!((&other.idempotency_key, other.repeatable), (&None, false));
    assert_eq!(other.header("idempotency-key"), None);
}

#[test]
fn a_key_goes_to_nobody_but_its_own_service() {
    for (field, method, message) in [
        (
            "secretKey",
            "check",
            "The connected app has credentials of Stripe, and Lob or Checkbook pays in this way: choose another connected app, or another \
             method.",
        ),
        (
            "lobKey",
            "direct_deposit",
            "The connected app has credentials of Lob, and Stripe pays in this way: choose another connected app, or another method.",
        ),
        (
            "checkbookSecret",
            "other",
            "The connected app has credentials of Checkbook, and an endpoint pays in this way: choose another connected app, or another \
             method.",
        ),
    ] {
        let ran = run(field, &json!({}), pays(method, "acct_1", json!({})), []);
        assert_eq!(ran.error().message, message);
        assert!(ran.requests.is_empty());
    }
}

#[test]
fn what_cannot_be_paid_is_not_sent() {
    let failed = |field: &str, settings: Value, config: Value| {
        run(field, &settings, config, []).error().message.clone()
    };
    assert_eq!(
        failed(
            "secretKey",
            json!({}),
            pays("direct_deposit", "Ada", json!({}))
        ),
        "recipient is no account of Stripe Connect, which has an id such as acct_1QKx7fLkdIwHu7ix."
    );
    assert_eq!(
        failed(
            "lobKey",
            bank(),
            pays("check", "adr_2", json!({"currency": "EUR"}))
        ),
        "currency is EUR, but checks are made out in USD: pay by direct deposit, or another way."
    );
    assert_eq!(
        failed("lobKey", bank(), pays("check", "Ada", json!({}))),
        "address is missing: Lob sends the check there. Or make the recipient Lob's id of an address (adr_…)."
    );
    assert_eq!(
        failed(
            "lobKey",
            json!({"from": "adr_1"}),
            pays("check", "adr_2", json!({}))
        ),
        "bankAccount is missing: give it in the node, or in the settings of the connected app."
    );
    assert_eq!(
        failed(
            "checkbookSecret",
            json!({}),
            pays("check", "Ada", json!({}))
        ),
        "recipient is no e-mail address: Checkbook sends the check to one."
    );
    assert_eq!(
        failed(
            "endpointToken",
            json!({}),
            pays("other", "worker-7", json!({}))
        ),
        "endpoint in the settings of the connected app is no URL: it is where payouts are posted to."
    );
}

#[test]
fn what_may_pass_is_worth_another_try() {
    let stripe = |reply: Reply| {
        run("secretKey", &json!({}), deposits(json!({})), [reply])
            .error()
            .clone()
    };
    assert!(
        stripe(Reply::json(
            409,
            &json!({"error": {"code": "lock_timeout"}})
        ))
        .retryable
    );
    assert!(!stripe(Reply::new(500).header("stripe-should-retry", "false")).retryable);
    let error = stripe(Reply::json(
        400,
        &json!({"error": {"code": "balance_insufficient", "message": "Insufficient funds."}}),
    ));
    assert_eq!(
        (error.to_string().as_str(), error.retryable),
        (
            "BALANCE_INSUFFICIENT: api.stripe.com answered 400: Insufficient funds.",
            false
        )
    );
    let lob = |reply: Reply| {
        run(
            "lobKey",
            &bank(),
            pays("check", "adr_2", json!({})),
            [reply],
        )
        .error()
        .clone()
    };
    let limited = Reply::json(
        429,
        &json!({"error": {"message": "Rate limit exceeded.", "status_code": 429, "code": "rate_limit_exceeded"}}),
    );
    let error = lob(limited.header("x-rate-limit-reset", "30"));
    assert_eq!(
        (error.retryable, error.retry_after_ms),
        (true, Some(30_000))
    );
    let error = lob(Reply::json(
        422,
        &json!({"error": {"message": "to is required", "status_code": 422, "code": "invalid"}}),
    ));
    assert_eq!(
        error.to_string(),
        "INVALID: api.lob.com answered 422: to is required."
    );
}

#[test]
fn connected_accounts_are_choices() {
    let load = |field: &str, method: &str, replies: Vec<Reply>| {
        let stage = testing::plugin(crate::plugin()).options(
            "payout",
            "recipients",
            json!({"method": method}),
        );
        let stage = stage
            .connected_app("payout", &json!({}))
            .secret(field, "a-key-of-a-service");
        replies
            .into_iter()
            .fold(stage, |stage, reply| stage.reply(reply))
            .run()
    };
    let accounts = json!({"object": "list", "has_more": true, "data": [
        {"id": "acct_1", "email": "ada@example.com", "payouts_enabled": true, "individual": {"first_name": "Ada", "last_name": "Lovelace"}},
        {"id": "acct_2", "business_profile": {"name": "Grace & Co"}, "payouts_enabled": false},
    ]});
    let ran = load(
        "secretKey",
        "direct_deposit",
        vec![Reply::json(200, &accounts)],
    );
    as_the_sdk("stripe_accounts", STRIPE, &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"cursor": "acct_2", "options": [
            {"value": "acct_1", "label": "Ada Lovelace", "description": "ada@example.com"},
            {"value": "acct_2", "label": "Grace & Co", "description": "cannot be paid out yet"},
        ]})
    );
    assert_eq!(
        load("lobKey", "check", vec![]).output(),
        json!({"options": []})
    );
}
