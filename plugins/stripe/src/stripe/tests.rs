use jackfield_plugin_sdk::testing::{self, Captured, Ran, Reply, SentRequest, Theatre};

use super::*;

fn stage() -> Theatre {
    testing::plugin(crate::plugin())
}

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = stage().node("stripe", config);
    let stage = stage.connected_app("stripe", &json!({}));
    replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

/// What is sent is what the SDK sends; the key is the host's.
#[track_caller]
pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
    let captured = Captured::parse(include_str!("../fixtures/captured.json"));
    let headers = ["stripe-version", "stripe-account", "content-type"];
    let headers = match request.text() {
        "" => &headers[..2],
        _ => &headers[..],
    };
    captured.assert_sent(name, request, "https://api.stripe.com", headers);
}

fn metadata() -> Value {
    json!({"booking": "bk_1", "nights": 2})
}

fn paid() -> Reply {
    let paid = json!({"id": "pi_1", "status": "succeeded", "amount": 500, "currency": "jpy", "client_secret": "pi_1_secret_2"});
    Reply::json(200, &paid)
}

fn refunded() -> Reply {
    Reply::json(
        200,
        &json!({"id": "re_1", "status": "succeeded", "amount": 2500, "currency": "eur"}),
    )
}

fn subscription(status: &str) -> Reply {
    Reply::json(
        200,
        &json!({"id": "sub_1", "status": status, "customer": "cus_1"}),
    )
}

fn error(status: u16, error: Value) -> Reply {
    Reply::json(status, &json!({"error": error}))
}

#[track_caller]
fn sends(name: &str, config: Value, reply: Reply) {
    let ran = run(config, [reply]);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0]);
}

#[test]
fn a_charge_is_sent_as_the_sdk_sends_it() {
    let config = json!({
        "operation": "charge", "amount": "129.00", "amountIn": "major", "currency": "EUR", "customer": "cus_1", "paymentMethod": "pm_1",
        "description": "Spring clean, 3 rooms — Müller & Söhne", "receiptEmail": "ada@example.com", "captureMethod": "manual",
        "statementDescriptor": "JACKFIELD", "statementDescriptorSuffix": "BK 1", "metadata": metadata(), "account": "acct_1",
    });
    sends("charge", config, paid());
    let little =
        json!({"operation": "charge", "amount": 500, "currency": "JPY", "paymentMethod": "pm_1"});
    sends("charge_with_little", little, paid());
    let later = json!({"operation": "charge", "amount": 500, "currency": "usd", "confirm": false});
    sends("charge_later", later, paid());
    let there = json!({
        "operation": "charge", "amount": 500, "currency": "usd", "paymentMethod": "pm_1", "offSession": false,
        "returnUrl": "https://example.com/paid",
    });
    sends("charge_with_the_customer_there", there, paid());
}

#[test]
fn a_refund_is_sent_as_the_sdk_sends_it() {
    let config = json!({
        "operation": "refund", "paymentIntent": "pi_1", "amount": 2500, "reason": "requested_by_customer", "refundApplicationFee": true,
        "reverseTransfer": true, "metadata": metadata(),
    });
    sends("refund", config, refunded());
    sends(
        "refund_with_little",
        json!({"operation": "refund", "charge": "ch_1"}),
        refunded(),
    );
}

#[test]
fn a_customer_is_sent_as_the_sdk_sends_it() {
    let created = || Reply::json(200, &json!({"id": "cus_1"}));
    let config = json!({
        "operation": "create_customer", "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+15550100",
        "description": "Since 1843", "paymentMethod": "pm_1", "preferredLocales": ["en", "fr"], "taxExempt": "none",
        "address": {
            "line1": "12 St James's Square", "line2": "2nd floor", "city": "London", "postalCode": "SW1Y 4JH", "state": "England",
            "country": "GB",
        },
        "metadata": metadata(),
    });
    sends("create_customer", config, created());
    let little = json!({"operation": "create_customer", "email": "ada@example.com"});
    sends("create_customer_with_little", little, created());
}

#[test]
fn a_subscription_is_sent_as_the_sdk_sends_it() {
    let config = json!({
        "operation": "create_subscription", "customer": "cus_1", "items": [{"price": "price_1", "quantity": 2}, {"price": "price_2"}],
        "trialPeriodDays": 14, "paymentMethod": "pm_1", "collectionMethod": "send_invoice", "daysUntilDue": 30,
        "paymentBehavior": "error_if_incomplete", "prorationBehavior": "none", "cancelAtPeriodEnd": true, "coupon": "SPRING",
        "description": "Weekly clean", "offSession": true, "metadata": metadata(),
    });
    sends("create_subscription", config, subscription("trialing"));
    let little = json!({"operation": "create_subscription", "customer": "cus_1", "items": [{"price": "price_1"}]});
    sends(
        "create_subscription_with_little",
        little,
        subscription("active"),
    );
}

#[test]
fn an_end_is_sent_as_the_sdk_sends_it() {
    let mut config = json!({
        "operation": "cancel_subscription", "subscription": "sub_1", "invoiceNow": true, "prorate": true, "comment": "Moved away",
        "feedback": "unused",
    });
    sends(
        "cancel_subscription",
        config.clone(),
        subscription("canceled"),
    );
    config["when"] = "period_end".into();
    sends(
        "cancel_subscription_at_period_end",
        config,
        subscription("active"),
    );
    let little = json!({"operation": "cancel_subscription", "subscription": "sub_1"});
    sends(
        "cancel_subscription_with_little",
        little,
        subscription("canceled"),
    );
}

#[test]
fn a_customer_pays_with_what_is_on_file() {
    let charge = |replies: Vec<Reply>, customer: &str| {
        let config =
            json!({"operation": "charge", "amount": 500, "currency": "JPY", "customer": customer});
        run(config, replies)
    };
    let customer = |default: Option<&str>| json!({"id": "cus_1", "invoice_settings": {"default_payment_method": default}});
    let sent = |ran: &Ran| {
        let last = ran.requests.last().unwrap();
        last.form()
            .into_iter()
            .find(|(name, _)| name == "payment_method")
            .map(|(_, id)| id)
    };
    let saved = |ids: &[&str]| {
        let saved: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        Reply::json(200, &json!({"data": saved}))
    };

    let ran = charge(
        vec![Reply::json(200, &customer(Some("pm_d"))), paid()],
        "cus_1",
    );
    as_the_sdk("customer", &ran.requests[0]);
    assert_eq!(sent(&ran).as_deref(), Some("pm_d"));
    // There is one, but it is no default.
    let ran = charge(
        vec![Reply::json(200, &customer(None)), saved(&["pm_o"]), paid()],
        "cus_1",
    );
    assert_eq!(sent(&ran).as_deref(), Some("pm_o"));
    let ran = charge(
        vec![
            Reply::json(200, &customer(None)),
            saved(&["pm_a", "pm_b"]),
            paid(),
        ],
        "cus_1",
    );
    assert_eq!(sent(&ran), None);
    // A key may be allowed to charge, but not to read.
    let forbidden = || {
        error(
            403,
            json!({"type": "invalid_request_error", "message": "The key lacks a permission."}),
        )
    };
    let ran = charge(vec![forbidden(), paid()], "cus_1");
    assert_eq!((sent(&ran), ran.requests.len()), (None, 2));
    let ran = charge(
        vec![Reply::json(200, &customer(None)), forbidden(), paid()],
        "cus_1",
    );
    assert_eq!((sent(&ran), ran.result.is_ok()), (None, true));
    assert_eq!(
        charge(vec![forbidden()], "ada@example.com").requests.len(),
        1
    );
    assert!(charge(vec![Reply::new(503)], "cus_1").error().retryable);
    // By the e-mail address.
    let found = Reply::json(200, &json!({"data": [customer(Some("pm_d"))]}));
    let ran = charge(vec![found, paid()], "ada@example.com");
    as_the_sdk("customers_by_email", &ran.requests[0]);
    assert!(
        ran.requests[1]
            .form()
            .contains(&("customer".to_owned(), "cus_1".to_owned()))
    );
    let none = charge(
        vec![Reply::json(200, &json!({"data": []}))],
        "ada@example.com",
    );
    assert_eq!(none.error().code, "CUSTOMER_NOT_FOUND");
    let two = json!({"data": [customer(None), {"id": "cus_2"}]});
    let two = charge(vec![Reply::json(200, &two)], "ada@example.com");
    assert_eq!(
        two.error().to_string(),
        "CUSTOMER_AMBIGUOUS: Stripe has several customers with the e-mail address ada@example.com, such as cus_1 and cus_2: name one by \
         the id."
    );
}

#[test]
fn what_stripe_refuses_is_told_with_its_words() {
    let charge = |reply: Reply| {
        let config = json!({"operation": "charge", "amount": 500, "currency": "JPY", "paymentMethod": "pm_1"});
        run(config, [reply]).error().clone()
    };
    let declined = json!({
        "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", "message": "Your card has insufficient funds.",
        "param": "", "payment_intent": {"id": "pi_1", "client_secret": "pi_1_secret_2"},
    });
    let refused = charge(error(402, declined));
    assert_eq!(
        refused.to_string(),
        "CARD_DECLINED: api.stripe.com answered 402: Your card has insufficient funds."
    );
    assert!(!refused.retryable);
    let data: Value = serde_json::from_str(refused.data.as_ref().unwrap().get()).unwrap();
    assert_eq!(data["error"]["decline_code"], "insufficient_funds");
    assert_eq!(data["error"]["payment_intent"], json!({"id": "pi_1"}));

    let typed = |kind: &str, code: Value| json!({"type": kind, "code": code, "message": "No."});
    let limited =
        error(429, typed("invalid_request_error", json!("rate_limit"))).header("Retry-After", "2");
    let limited = charge(limited);
    assert!(limited.retryable);
    assert_eq!(
        (limited.code.as_str(), limited.retry_after_ms),
        ("RATE_LIMIT", Some(2000))
    );
    assert!(
        charge(error(
            409,
            typed("invalid_request_error", json!("lock_timeout"))
        ))
        .retryable
    );
    assert!(charge(error(500, typed("api_error", Value::Null))).retryable);
    let told_not_to =
        error(500, typed("api_error", Value::Null)).header("Stripe-Should-Retry", "false");
    assert!(!charge(told_not_to).retryable);
    let told_to = error(400, typed("api_error", Value::Null)).header("Stripe-Should-Retry", "true");
    assert!(charge(told_to).retryable);
    let key = charge(error(
        401,
        json!({"type": "invalid_request_error", "message": "Invalid API Key provided: sk_test_***4"}),
    ));
    assert_eq!(key.code, "CREDENTIAL");
}

#[test]
fn nobody_needs_the_secret_of_a_payment_that_was_made() {
    let charge = |member: &str, is: bool| {
        let config = json!({"operation": "charge", "amount": 500, "currency": "JPY", "paymentMethod": "pm_1", member: is});
        run(config, [paid()]).output()
    };
    assert_eq!(charge("confirm", true).get("client_secret"), None);
    // The customer confirms, or answers the bank.
    for member in ["confirm", "offSession"] {
        assert_eq!(charge(member, false)["client_secret"], "pi_1_secret_2");
    }
}

#[test]
fn what_has_ended_already_was_ended() {
    let config = || json!({"operation": "cancel_subscription", "subscription": "sub_1"});
    let missing = || {
        error(
            404,
            json!({"type": "invalid_request_error", "code": "resource_missing", "message": "No such subscription: 'sub_1'"}),
        )
    };
    let ran = run(config(), [missing(), subscription("canceled")]);
    assert_eq!(ran.output()["status"], "canceled");
    let ran = run(config(), [missing(), missing()]);
    assert_eq!(ran.error().code, "RESOURCE_MISSING");
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let refused = |config: Value| {
        let ran = run(config, []);
        assert!(ran.requests.is_empty());
        ran.error().to_string()
    };
    assert_eq!(
        refused(
            json!({"operation": "charge", "amount": 12.5, "currency": "JPY", "amountIn": "major", "paymentMethod": "pm_1"})
        ),
        "INVALID_REQUEST: The form cannot be encoded: amount is 12.5, but JPY has 0 decimals; round it first."
    );
    assert_eq!(
        refused(json!({"operation": "charge", "amount": "much", "currency": "JPY"})),
        "INVALID_CONFIG: amount in the config of stripe is not valid: \"much\" is no amount; write it like 12.50, with at most 18 digits."
    );
    assert_eq!(
        refused(json!({"operation": "charge", "amount": 1, "currency": "EURO"})),
        "INVALID_CONFIG: currency in the config of stripe is not valid: invalid value: string \"EURO\", expected a currency code of three \
         letters, such as EUR."
    );
    for config in [
        json!({"operation": "refund"}),
        json!({"operation": "refund", "charge": "ch_1", "paymentIntent": "pi_1"}),
    ] {
        assert_eq!(
            refused(config),
            "INVALID_CONFIG: One of paymentIntent and charge says what is paid back: give one of them."
        );
    }
}

#[test]
fn the_settings_of_the_app_name_the_account() {
    let stage = stage().node("stripe", json!({"operation": "refund", "charge": "ch_1"}));
    let stage = stage.connected_app("stripe", &json!({"account": "acct_2"}));
    let ran = stage.reply(refunded()).run();
    assert_eq!(ran.requests[0].header("stripe-account"), Some("acct_2"));
}

fn choices(source: &str, config: Value, items: Value) -> (SentRequest, Value) {
    let list = json!({"object": "list", "data": items, "has_more": true});
    let stage = stage().options("stripe", source, config);
    let stage = stage.connected_app("stripe", &json!({}));
    let mut ran = stage.reply(Reply::json(200, &list)).run();
    let output = ran.output();
    (ran.requests.remove(0), output)
}

#[test]
fn choices_are_those_of_the_account() {
    let customers = json!([{"id": "cus_1", "name": "Ada", "email": "ada@example.com", "description": null}, {"id": "cus_2"}]);
    let (_, loaded) = choices("customers", json!({}), customers);
    assert_eq!(
        loaded,
        json!({"options": [{"value": "cus_1", "label": "Ada <ada@example.com>"}, {"value": "cus_2", "label": "cus_2"}], "cursor": "cus_2"})
    );
    let config = json!({"account": "acct_1"});
    let (request, _) = choices("customers", config, json!([]));
    assert_eq!(request.header("stripe-account"), Some("acct_1"));
    let config = json!({"account": "{{ trigger.body.account }}"});
    let (request, _) = choices("customers", config, json!([]));
    assert_eq!(request.header("stripe-account"), None);
    let card = json!([{"id": "pm_1", "type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031}}]);
    let (request, loaded) = choices("payment_methods", json!({"customer": "cus_1"}), card);
    as_the_sdk("payment_methods", &request);
    assert_eq!(
        loaded["options"],
        json!([{"value": "pm_1", "label": "visa •••• 4242", "description": "until 04/2031"}])
    );
    let prices = json!([
        {"id": "price_1", "currency": "eur", "unit_amount": 1250, "product": {"name": "Weekly clean"}, "nickname": null, "recurring": {"interval": "month", "interval_count": 1}},
        {"id": "price_2", "currency": "kwd", "unit_amount": 5120, "product": "prod_1", "nickname": null, "recurring": {"interval": "week", "interval_count": 2}},
    ]);
    let (request, loaded) = choices("prices", json!({}), prices);
    as_the_sdk("prices", &request);
    let labels: Vec<&str> = loaded["options"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|option| option["label"].as_str())
        .collect();
    assert_eq!(
        labels,
        ["Weekly clean, 12.50 EUR a month", "5.120 KWD every 2 weeks"]
    );
    let subscriptions = json!([{
        "id": "sub_1", "status": "active", "customer": {"id": "cus_1", "name": null, "email": "ada@example.com"},
        "items": {"data": [{"price": {"currency": "jpy", "unit_amount": 500, "recurring": {"interval": "month"}}}]},
    }]);
    let (request, loaded) = choices("subscriptions", json!({}), subscriptions);
    as_the_sdk("subscriptions", &request);
    assert_eq!(
        loaded["options"],
        json!([{"value": "sub_1", "label": "ada@example.com: 500 JPY a month", "description": "active"}])
    );
}

#[test]
fn without_a_customer_there_is_nothing_to_choose() {
    for customer in [
        Value::Null,
        json!("{{ trigger.body.customer }}"),
        json!("../balance"),
    ] {
        let stage = stage().options("stripe", "payment_methods", json!({"customer": customer}));
        let ran = stage.run();
        assert_eq!(ran.output(), json!({"options": []}));
        assert!(ran.requests.is_empty());
    }
}
