//! The plugin `eway`, from the connected app to the money.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Eway, Jackfield, Reply, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_key_is_tested_before_it_is_stored,
    a_booking_is_charged_and_paid_back,
    what_goes_wrong_leaves_by_the_error_port,
    a_charge_without_an_answer_is_not_made_again,
    a_charge_under_way_when_the_server_dies_is_for_a_person,
];

fn charges(app: &Value) -> Value {
    let config = json!({
        "operation": "charge", "amount": "{{ trigger.body.total }}", "currency": "AUD", "tokenCustomer": "{{ trigger.body.customer }}",
        "invoiceNumber": "INV-7",
    });
    start_then_or_excuse(node_of_app("pay", "eway", app, config))
}

fn booking() -> Value {
    json!({"customer": 987_654_321_000_u64, "total": 12950})
}

async fn a_key_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let eway = Eway::start().await?;
    let jackfield = Jackfield::with(engine, &["eway"]).await?;
    let owner = jackfield.owner();
    let fields = "connectedApp { status lastHealthCheck { ok message } }";
    let connected = owner.succeed("connectApp", eway.input(), fields).await?;
    assert_eq!(
        connected["connectedApp"],
        json!({"status": "CONNECTED", "lastHealthCheck": {"ok": true, "message": "live account"}})
    );
    assert_eq!(
        eway.outside.requests()[0].header("authorization"),
        // `key-of-the-tests:password-of-the-tests`
        "Basic a2V5LW9mLXRoZS10ZXN0czpwYXNzd29yZC1vZi10aGUtdGVzdHM="
    );
    eway.outside
        .answer("/Transaction/0", [Reply::json(401, &json!({}))]);
    let refused = owner.mutate("connectApp", eway.input(), fields).await?;
    assert_eq!(
        refused["userErrors"][0]["code"], "CREDENTIALS_REFUSED",
        "{refused:#}"
    );
    jackfield.finish().await
}

async fn a_booking_is_charged_and_paid_back(engine: Engine) -> Result<()> {
    let eway = Eway::start().await?;
    let jackfield = Jackfield::with(engine, &["eway"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(eway.input()).await?;
    let run = owner.run_once(charges(&app), booking()).await?;
    let paid = step(&run, "pay")["output"].clone();
    let config = json!({"operation": "refund", "transaction": "11872526", "amount": 2500, "currency": "AUD"});
    let refund = start_then_or_excuse(node_of_app("pay", "eway", &app, config));
    let refunded = owner.run_once(refund, json!({})).await?;
    assert_eq!(
        step(&refunded, "pay")["status"],
        "SUCCEEDED",
        "{refunded:#}"
    );
    let refund = eway.outside.requests_to(Eway::REFUNDS)[0].json();
    allow_duplicates! {
        assert_json_snapshot!(json!({"paid": paid, "charge": eway.charges()[0].json(), "refund": refund}), @r#"
        {
          "paid": {
            "id": "11872526",
            "amount": "129.50",
            "currency": "AUD",
            "authCode": "393805",
            "answer": {
              "AuthorisationCode": "393805",
              "ResponseCode": "00",
              "ResponseMessage": "A2000",
              "TransactionID": 11872526,
              "TransactionStatus": true,
              "Errors": null
            }
          },
          "charge": {
            "Customer": {
              "TokenCustomerID": 987654321000
            },
            "Payment": {
              "TotalAmount": 12950,
              "CurrencyCode": "AUD",
              "InvoiceNumber": "INV-7"
            },
            "TransactionType": "Recurring",
            "Method": "ProcessPayment"
          },
          "refund": {
            "Refund": {
              "TransactionID": "11872526",
              "TotalAmount": 2500,
              "CurrencyCode": "AUD"
            }
          }
        }
        "#);
    }
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let eway = Eway::start().await?;
    let jackfield = Jackfield::with(engine, &["eway"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(eway.input()).await?;
    let mut definition = charges(&app);
    eway.outside
        .answer(Eway::CHARGES, [Eway::declined("D4451")]);
    let run = owner.run_once(definition.clone(), booking()).await?;
    let told = &step(&run, "excuse")["output"]["message"];
    assert_eq!(told["code"], "DECLINED", "{run:#}");
    assert_eq!(
        told["message"],
        "eWay refuses it: Insufficient Funds (D4451)."
    );
    assert_eq!(told["data"]["ResponseCode"], "51");
    let limited = Reply::json(429, &json!({})).header("retry-after", "0");
    eway.outside
        .answer(Eway::CHARGES, [limited, Eway::approved()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "pay")["attempt"], 2, "{run:#}");
    jackfield.finish().await
}

async fn a_charge_without_an_answer_is_not_made_again(engine: Engine) -> Result<()> {
    let eway = Eway::start().await?;
    let jackfield = Jackfield::with(engine, &["eway"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(eway.input()).await?;
    let mut definition = charges(&app);
    definition["nodes"][1]["timeout"] = "PT3S".into();
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 3, "initialDelay": "PT0.1S"});
    for (reply, code) in [
        (Reply::hang(), "TIMEOUT"),
        (Reply::json(502, &json!({})), "HTTP_502"),
    ] {
        let before = eway.charges().len();
        eway.outside
            .answer(Eway::CHARGES, [reply, Eway::approved()]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        let told = &step(&run, "excuse")["output"]["message"];
        assert_eq!(told["code"], code, "{run:#}");
        let message = told["message"].as_str().unwrap_or_default();
        assert!(
            message.ends_with("look it up there before it is tried again."),
            "{message}"
        );
        assert_eq!(eway.charges().len(), before + 1);
    }
    jackfield.finish().await
}

async fn a_charge_under_way_when_the_server_dies_is_for_a_person(engine: Engine) -> Result<()> {
    let eway = Eway::start().await?;
    let mut jackfield = Jackfield::with(engine, &["eway"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(eway.input()).await?;
    eway.outside
        .answer(Eway::CHARGES, [Reply::hang(), Eway::approved()]);
    let workflow = owner.publish("Charge", charges(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    eway.outside.wait_for_to(Eway::CHARGES, 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    owner.reached(&run, "pay", "UNCERTAIN").await?;
    assert_eq!(eway.charges().len(), 1);
    let stopped = owner.run(&run).await?;
    let input = json!({"stepId": step(&stopped, "pay")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&run).await?["status"], "SUCCEEDED");
    assert_eq!(eway.charges().len(), 2);
    jackfield.finish().await
}
