//! An order is answered, and an invoice is split.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, on_both_engines};
use serde_json::json;

on_both_engines![an_order_is_answered, an_invoice_is_split];

async fn an_order_is_answered(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let workflow = jackfield.apply_example("order-webhook.yaml").await?;
    let items = json!([{"sku": "b", "amount": 500}, {"sku": "a", "amount": 2000}]);
    let hook = &workflow.hooks[0];
    let taken = hook
        .post_json(&json!({"number": 42, "items": items}))
        .await?;
    let order = json!({"order": "00000042", "total": "25.00 EUR", "skus": "a, b"});
    assert_eq!((taken.status, taken.json()), (201, order));
    let empty = hook.post_json(&json!({"number": 43, "items": []})).await?;
    let error = json!({"error": "an order needs items"});
    assert_eq!((empty.status, empty.json()), (422, error));
    jackfield.finish().await
}

async fn an_invoice_is_split(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let workflow = jackfield.apply_example("split-an-invoice.yaml").await?;
    let input = json!({"total": "100.00", "currency": "EUR", "weights": [1, 1, 1]});
    let run = jackfield.owner().run_to_end(&workflow, input).await?;
    let shares = &run["output"]["body"]["shares"];
    assert_eq!(*shares, json!(["33.34", "33.33", "33.33"]), "{run:#}");
    jackfield.finish().await
}
