//! Money that came in gets into the sheet and into the books.

use anyhow::Result;
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{Engine, Google, QuickBooks, Reply, hidden, on_both_engines};
use serde_json::{Value, json};

use super::{run_of, start};

on_both_engines![
    a_payment_becomes_a_row_of_the_sheet,
    a_sheet_that_is_gone_is_told,
    a_paid_invoice_is_recorded_once,
    an_invoice_that_is_not_in_the_books_is_told,
];

const HEADERS: &str = "/v4/spreadsheets/1AbC_d-9/values/%27Revenue%27%211%3A1";
const APPEND: &str = "/v4/spreadsheets/1AbC_d-9/values/%27Revenue%27%21A1:append";
const SPREADSHEET: &str = "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit#gid=0";

fn payment() -> Value {
    json!({"id": "pay_1", "invoiceId": "inv_1", "method": "CARD", "status": "SUCCEEDED", "amount": 12950, "currency": "EUR"})
}

async fn a_payment_becomes_a_row_of_the_sheet(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let names = json!([["Day", "Amount", "Currency", "Payment", "Invoice", "Method"]]);
    google.outside.answer(
        HEADERS,
        [Reply::json(
            200,
            &json!({"range": "Revenue!A1:Z1", "values": names}),
        )],
    );
    let updates = json!({"updatedRange": "Revenue!A14:F14", "updatedRows": 1});
    google.outside.answer(
        APPEND,
        [Reply::json(
            200,
            &json!({"spreadsheetId": "1AbC_d-9", "updates": updates}),
        )],
    );
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    google.connect(&owner).await?;
    owner
        .set_variable("revenueSpreadsheet", SPREADSHEET)
        .await?;
    let workflow = jackfield.apply_example("payment-to-sheet.yaml").await?;
    // Shortly before midnight UTC it is the next day in Berlin.
    let event = json!({"type": "payment.succeeded", "data": payment(), "occurredAt": "2026-11-27T23:30:00Z"});
    owner.succeed("publishEvent", event, "event { id }").await?;
    let run = super::only(&owner, &workflow).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let rows = google.outside.requests_to(APPEND);
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0].json(),
        json!({"values": [["2026-11-28", 129.5, "EUR", "pay_1", "inv_1", "card"]]})
    );
    assert!(slack.messages().is_empty());
    jackfield.finish().await
}

async fn a_sheet_that_is_gone_is_told(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let gone = || Google::error(404, "notFound", "Requested entity was not found.");
    google.outside.answer(HEADERS, [gone()]);
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    google.connect(&owner).await?;
    owner
        .set_variable("revenueSpreadsheet", SPREADSHEET)
        .await?;
    let workflow = jackfield.apply_example("payment-to-sheet.yaml").await?;
    let run = run_of(&owner, &workflow, "payment.succeeded", &[payment()]).await?;
    let told = owner.told_of(&run, &[("slack", &slack.outside)]).await?;
    allow_duplicates! {
        assert_snapshot!(told, @r#"
        SUCCEEDED
        paid SUCCEEDED -> data-out
        row FAILED -> error {"error":{"code":"NOT_FOUND","message":"sheets.googleapis.com answered 404: Requested entity was not found.","data":{"error":{"code":404,"message":"Requested entity was not found.","errors":[{"domain":"global","reason":"notFound","message":"Requested entity was not found."}]}}}}
        missing SUCCEEDED -> data-out {"channel":"C0123456789","ts":"1700000000.000100","ok":true}
        slack <- POST /api/chat.postMessage channel=%23finance&text=*Not+in+the+revenue+sheet%3A*+payment+pay_1%2C+129.50+EUR.+sheets.googleapis.com+answered+404%3A+Requested+entity+was+not+found.
        "#);
    }
    jackfield.finish().await
}

/// An invoice that gets from this status to another one.
fn invoice(from: &str, to: &str) -> Value {
    json!({"id": "inv_1", "number": "1042", "status": to, "previousStatus": from, "amount": 12938, "currency": "USD"})
}

async fn a_paid_invoice_is_recorded_once(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    quickbooks.connect(&owner).await?;
    let found = json!({"Invoice": [QuickBooks::invoice()]});
    quickbooks.answer("query", [QuickBooks::made("QueryResponse", &found)]);
    quickbooks.outside.forget();
    let workflow = jackfield.apply_example("invoice-paid.yaml").await?;
    let events = [("DRAFT", "SENT"), ("PAID", "PAID"), ("SENT", "PAID")];
    for (from, to) in events {
        let event = json!({"type": "invoice.updated", "data": invoice(from, to), "occurredAt": "2026-12-02T09:30:00Z"});
        owner.succeed("publishEvent", event, "event { id }").await?;
    }
    let run = super::only(&owner, &workflow).await?;
    let vendors = [
        ("quickbooks", &quickbooks.outside),
        ("slack", &slack.outside),
    ];
    // Made of the run's id.
    let told = hidden(&owner.told_of(&run, &vendors).await?, "requestid=", &[' ']);
    allow_duplicates! {
        assert_snapshot!(told, @r#"
        SUCCEEDED
        paid SUCCEEDED -> data-out
        record SUCCEEDED -> data-out {"Id":"231","CustomerRef":{"value":"58","name":"Ada Lovelace"},"TotalAmt":129.38,"UnappliedAmt":0}
        missing SKIPPED
        quickbooks <- GET /v3/company/9130347957983546/query?minorversion=75&query=select+*+from+invoice+where+DocNumber+%3D+%271042%27+startposition+1+maxresults+2
        quickbooks <- POST /v3/company/9130347957983546/payment?minorversion=75&requestid=… {"TxnDate":"2026-12-02","PaymentRefNum":"inv_1","CustomerRef":{"value":"58"},"TotalAmt":129.38,"Line":[{"Amount":129.38,"LinkedTxn":[{"TxnId":"145","TxnType":"Invoice"}]}]}
        "#);
    }
    jackfield.finish().await
}

async fn an_invoice_that_is_not_in_the_books_is_told(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    quickbooks.connect(&owner).await?;
    quickbooks.answer("query", [QuickBooks::made("QueryResponse", &json!({}))]);
    let workflow = jackfield.apply_example("invoice-paid.yaml").await?;
    let run = run_of(
        &owner,
        &workflow,
        "invoice.updated",
        &[invoice("SENT", "PAID")],
    )
    .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert!(quickbooks.asked("payment").is_empty());
    let (message, _) = slack.said().swap_remove(0);
    allow_duplicates! {
        assert_snapshot!(message, @"*Not in QuickBooks:* the payment of invoice 1042, 129.38 USD. QuickBooks has no invoice whose DocNumber is 1042.");
    }
    jackfield.finish().await
}
