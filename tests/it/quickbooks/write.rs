//! Invoices and payments.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, QuickBooks, Reply, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_job_is_invoiced_and_its_payment_recorded,
    what_goes_wrong_leaves_by_the_error_port,
    a_payment_under_way_when_the_server_dies_is_recorded_once,
];

/// A workflow that records what was paid for an invoice.
fn records(app: &Value) -> Value {
    let config = json!({
        "operation": "record_payment", "customer": "58", "invoice": "{{ trigger.body.invoice }}", "amount": "{{ trigger.body.paid }}",
    });
    start_then_or_excuse(node_of_app("record", "quickbooks", app, config))
}

fn paid() -> Value {
    json!({"invoice": "145", "paid": "129.38"})
}

/// The key under which each payment reached QuickBooks.
fn keys(quickbooks: &QuickBooks) -> Vec<String> {
    let payments = quickbooks.asked("payment").into_iter();
    let key = |query: String| {
        let mut pairs = query
            .split('&')
            .filter_map(|pair| pair.strip_prefix("requestid="));
        pairs.next().unwrap_or_default().to_owned()
    };
    payments.map(|payment| key(payment.query)).collect()
}

async fn a_job_is_invoiced_and_its_payment_recorded(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let jackfield = Jackfield::with(engine, &["quickbooks"]).await?;
    let owner = jackfield.owner();
    let (app, _) = quickbooks.connect(&owner).await?;
    let customer = json!({"Customer": [{"Id": "58", "DisplayName": "Ada Lovelace"}], "startPosition": 1, "maxResults": 1});
    quickbooks.answer("query", [QuickBooks::made("QueryResponse", &customer)]);
    let line = json!({"item": "19", "quantity": "{{ trigger.body.hours }}", "unitPrice": "36.965"});
    let bill =
        json!({"operation": "create_invoice", "customer": "Ada Lovelace", "lineItems": [line]});
    let record = json!({
        "operation": "record_payment", "customer": "{{ steps.bill.output.CustomerRef.value }}", "invoice": "{{ steps.bill.output.Id }}",
        "amount": "{{ steps.bill.output.TotalAmt }}",
    });
    let nodes = [
        node("start", "manual", json!({})),
        node_of_app("bill", "quickbooks", &app.id, bill),
        node_of_app("record", "quickbooks", &app.id, record),
    ];
    let definition = graph(nodes, &["start -> bill", "bill -> record"]);
    let run = owner.run_once(definition, json!({"hours": 3.5})).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "record")["output"], QuickBooks::payment());
    let invoice = &quickbooks.asked("invoice")[0];
    assert!(
        invoice.query.starts_with("minorversion=75&requestid="),
        "{}",
        invoice.query
    );
    let sent = [invoice.json(), quickbooks.asked("payment")[0].json()];
    allow_duplicates! {
        assert_json_snapshot!(sent, @r#"
        [
          {
            "CustomerRef": {
              "value": "58"
            },
            "Line": [
              {
                "Amount": 129.38,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {
                  "ItemRef": {
                    "value": "19"
                  },
                  "Qty": 3.5,
                  "UnitPrice": 36.965
                }
              }
            ]
          },
          {
            "CustomerRef": {
              "value": "58"
            },
            "TotalAmt": 129.38,
            "Line": [
              {
                "Amount": 129.38,
                "LinkedTxn": [
                  {
                    "TxnId": "145",
                    "TxnType": "Invoice"
                  }
                ]
              }
            ]
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let jackfield = Jackfield::with(engine, &["quickbooks"]).await?;
    let owner = jackfield.owner();
    let (app, _) = quickbooks.connect(&owner).await?;
    let mut definition = records(&app.id);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let gone = "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, \
        vendors or employees.";
    let mut told = Vec::new();
    for reply in [
        QuickBooks::fault(200, "610", "Object Not Found", gone),
        Reply::hang(),
    ] {
        quickbooks.answer("payment", [reply]);
        let run = owner.run_once(definition.clone(), paid()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "ERROR_610",
            "message": "sandbox-quickbooks.api.intuit.com answered 200: Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees. It was deleted or made inactive, or the company never had it.",
            "data": {
              "Fault": {
                "Error": [
                  {
                    "Message": "Object Not Found",
                    "Detail": "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
                    "code": "610",
                    "element": ""
                  }
                ],
                "type": "ValidationFault"
              },
              "time": "2026-11-28T01:31:25.179-08:00"
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    // One that is too many waits and is sent again, with the same key.
    let before = quickbooks.asked("payment").len();
    let message = "message=ThrottleExceeded; errorCode=003001; statusCode=429";
    let limited = QuickBooks::fault(429, "003001", message, "The request limit was reached.");
    let recorded = QuickBooks::made("Payment", &QuickBooks::payment());
    quickbooks.answer("payment", [limited.header("retry-after", "1"), recorded]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, paid()).await?;
    assert_eq!(step(&run, "record")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "record")["attempt"], 2, "{run:#}");
    let payments = quickbooks.asked("payment");
    let waited = payments[before + 1].arrived - payments[before].arrived;
    assert!(waited.as_millis() >= 1000, "{waited:?}");
    let keys = keys(&quickbooks);
    assert_eq!(keys[before], keys[before + 1]);
    jackfield.finish().await
}

async fn a_payment_under_way_when_the_server_dies_is_recorded_once(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let mut jackfield = Jackfield::with(engine, &["quickbooks"]).await?;
    let owner = jackfield.owner();
    let (app, _) = quickbooks.connect(&owner).await?;
    let recorded = QuickBooks::made("Payment", &QuickBooks::payment());
    quickbooks.answer("payment", [Reply::hang(), recorded]);
    let workflow = owner.publish("Record", records(&app.id)).await?;
    let run = owner.start_run(&workflow, paid()).await?;
    quickbooks
        .outside
        .wait_for_to(&QuickBooks::path("payment"), 1)
        .await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let run = owner.ended(&run).await?;
    assert_eq!(step(&run, "record")["status"], "SUCCEEDED", "{run:#}");
    let keys = keys(&quickbooks);
    assert!(
        keys.len() == 2 && keys[0] == keys[1] && keys[0].len() == 32,
        "{keys:?}"
    );
    jackfield.finish().await
}
