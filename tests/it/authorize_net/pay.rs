//! Customers pay, and get money back.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    AuthorizeNet, Engine, Jackfield, Reply, node_of_app, on_both_engines, start_then_or_excuse,
    step,
};
use serde_json::{Value, json};

on_both_engines![
    an_invoice_is_charged_and_paid_back,
    what_goes_wrong_leaves_by_the_error_port,
    a_charge_without_an_answer_is_not_made_again,
    a_charge_under_way_when_the_server_dies_is_for_a_person,
];

fn charges(app: &Value) -> Value {
    let config = json!({
        "operation": "charge", "amount": "{{ trigger.body.total }}", "amountIn": "major", "currency": "USD", "customerProfile": "900000001",
        "paymentProfile": "800000001", "invoiceNumber": "{{ trigger.body.invoice }}",
    });
    start_then_or_excuse(node_of_app("pay", "authorize-net", app, config))
}

fn invoice() -> Value {
    json!({"invoice": "INV-7", "total": "129.50"})
}

async fn an_invoice_is_charged_and_paid_back(engine: Engine) -> Result<()> {
    let authorize_net = AuthorizeNet::start().await?;
    let jackfield = Jackfield::with(engine, &["authorize-net"]).await?;
    let owner = jackfield.owner();
    let app = authorize_net.connect(&owner).await?.id;
    authorize_net.answer([AuthorizeNet::approved()]);
    let run = owner.run_once(charges(&app), invoice()).await?;
    assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
    let config = json!({"operation": "refund", "transaction": "60000000001", "amount": 2500, "currency": "USD", "lastFour": "1111"});
    let refund = start_then_or_excuse(node_of_app("pay", "authorize-net", &app, config));
    let refunded = owner.run_once(refund, json!({})).await?;
    assert_eq!(
        step(&refunded, "pay")["status"],
        "SUCCEEDED",
        "{refunded:#}"
    );
    let mut paid = step(&run, "pay")["output"].clone();
    paid["answer"] = Value::Null;
    let sent: Vec<Value> = authorize_net
        .transactions()
        .iter()
        .map(|sent| sent.json()["createTransactionRequest"]["transactionRequest"].clone())
        .collect();
    allow_duplicates! {
        assert_json_snapshot!(json!({"paid": paid, "sent": sent}), @r#"
        {
          "paid": {
            "id": "60000000001",
            "status": "approved",
            "amount": "129.50",
            "currency": "USD",
            "lastFour": "1111",
            "cardType": "Visa",
            "authCode": "HW617E",
            "answer": null
          },
          "sent": [
            {
              "transactionType": "authCaptureTransaction",
              "amount": "129.50",
              "currencyCode": "USD",
              "profile": {
                "customerProfileId": "900000001",
                "paymentProfile": {
                  "paymentProfileId": "800000001"
                }
              },
              "order": {
                "invoiceNumber": "INV-7"
              }
            },
            {
              "transactionType": "refundTransaction",
              "amount": "25.00",
              "currencyCode": "USD",
              "payment": {
                "creditCard": {
                  "cardNumber": "1111",
                  "expirationDate": "XXXX"
                }
              },
              "refTransId": "60000000001"
            }
          ]
        }
        "#);
    }
    // The key goes to Authorize.net, and nowhere else.
    let key = AuthorizeNet::TRANSACTION_KEY;
    assert!(authorize_net.transactions()[0].text().contains(key));
    assert!(!json!([run, refunded]).to_string().contains(key));
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let authorize_net = AuthorizeNet::start().await?;
    let jackfield = Jackfield::with(engine, &["authorize-net"]).await?;
    let owner = jackfield.owner();
    let app = authorize_net.connect(&owner).await?.id;
    let mut definition = charges(&app);
    let declined = "This transaction has been declined.";
    authorize_net.answer([AuthorizeNet::refused("2", "2", declined)]);
    let run = owner.run_once(definition.clone(), invoice()).await?;
    let told = &step(&run, "excuse")["output"]["message"];
    assert_eq!(told["code"], "DECLINED", "{run:#}");
    assert_eq!(
        told["message"],
        format!("api2.authorize.net answered 200: {declined}")
    );
    assert_eq!(told["data"]["transactionResponse"]["responseCode"], "2");
    let limited = Reply::json(429, &json!({})).header("retry-after", "0");
    authorize_net.answer([limited, AuthorizeNet::approved()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, invoice()).await?;
    assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "pay")["attempt"], 2, "{run:#}");
    jackfield.finish().await
}

async fn a_charge_without_an_answer_is_not_made_again(engine: Engine) -> Result<()> {
    let authorize_net = AuthorizeNet::start().await?;
    let jackfield = Jackfield::with(engine, &["authorize-net"]).await?;
    let owner = jackfield.owner();
    let app = authorize_net.connect(&owner).await?.id;
    let mut definition = charges(&app);
    definition["nodes"][1]["timeout"] = "PT3S".into();
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 3, "initialDelay": "PT0.1S"});
    for (reply, code) in [
        (Reply::hang(), "TIMEOUT"),
        (Reply::json(502, &json!({})), "HTTP_502"),
    ] {
        let before = authorize_net.transactions().len();
        authorize_net.answer([reply, AuthorizeNet::approved()]);
        let run = owner.run_once(definition.clone(), invoice()).await?;
        let told = &step(&run, "excuse")["output"]["message"];
        assert_eq!(told["code"], code, "{run:#}");
        let message = told["message"].as_str().unwrap_or_default();
        assert!(
            message.ends_with("look it up there before it is tried again."),
            "{message}"
        );
        assert_eq!(authorize_net.transactions().len(), before + 1);
    }
    jackfield.finish().await
}

async fn a_charge_under_way_when_the_server_dies_is_for_a_person(engine: Engine) -> Result<()> {
    let authorize_net = AuthorizeNet::start().await?;
    let mut jackfield = Jackfield::with(engine, &["authorize-net"]).await?;
    let owner = jackfield.owner();
    let app = authorize_net.connect(&owner).await?.id;
    let earlier = authorize_net.outside.requests().len();
    authorize_net.answer([Reply::hang(), AuthorizeNet::approved()]);
    let workflow = owner.publish("Charge", charges(&app)).await?;
    let run = owner.start_run(&workflow, invoice()).await?;
    authorize_net.outside.wait_for(earlier + 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    owner.reached(&run, "pay", "UNCERTAIN").await?;
    assert_eq!(authorize_net.transactions().len(), 1);
    let stopped = owner.run(&run).await?;
    let input = json!({"stepId": step(&stopped, "pay")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&run).await?["status"], "SUCCEEDED");
    assert_eq!(authorize_net.transactions().len(), 2);
    jackfield.finish().await
}
