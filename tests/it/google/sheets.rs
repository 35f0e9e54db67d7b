//! Rows in a sheet.

use anyhow::Result;
use jackfield_tests::{
    Client, Engine, Google, Jackfield, Reply, node_of_app, on_both_engines, start_then_or_excuse,
    step,
};
use serde_json::{Value, json};

on_both_engines![
    a_payment_becomes_a_row,
    a_column_that_is_not_there_is_told,
    a_row_under_way_is_appended_again_only_where_that_is_wanted,
];

const HEADERS: &str = "/v4/spreadsheets/1AbC_d-9/values/%27Revenue%27%211%3A1";
const APPEND: &str = "/v4/spreadsheets/1AbC_d-9/values/%27Revenue%27%21A1:append";

/// A workflow that appends a payment to the revenue.
fn paid(app: &Value, values: Value, more: &Value) -> Value {
    let config = json!({
        "operation": "append_row", "spreadsheet": "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit#gid=0", "sheet": "Revenue",
        "values": values,
    });
    let mut node = node_of_app("row", "google-sheets", app, config);
    for (name, value) in more.as_object().into_iter().flatten() {
        node[name] = value.clone();
    }
    start_then_or_excuse(node)
}

fn payment() -> Value {
    json!({"booking": "=HYPERLINK(\"https://example.com\")", "amount": 129})
}

fn values() -> Value {
    json!({"Booking": "{{ trigger.body.booking }}", "Amount": "{{ trigger.body.amount }}"})
}

fn appended() -> Reply {
    let updates = json!({"updatedRange": "Revenue!A14:C14", "updatedRows": 1});
    Reply::json(
        200,
        &json!({"spreadsheetId": "1AbC_d-9", "updates": updates}),
    )
}

/// An app with a spreadsheet that has a tab `Revenue`.
async fn connect(google: &Google, owner: &Client) -> Result<Value> {
    let names = json!([["Day", "Amount", "Booking"]]);
    let headers = json!({"range": "Revenue!A1:Z1", "majorDimension": "ROWS", "values": names});
    google.outside.answer(HEADERS, [Reply::json(200, &headers)]);
    google.outside.answer(APPEND, [appended()]);
    google.connect(owner).await
}

async fn a_payment_becomes_a_row(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = connect(&google, &owner).await?;
    let run = owner
        .run_once(paid(&app, values(), &json!({})), payment())
        .await?;
    let row = step(&run, "row");
    assert_eq!(
        row["output"]["updates"]["updatedRange"], "Revenue!A14:C14",
        "{run:#}"
    );
    let sent = &google.outside.requests_to(APPEND)[0];
    assert_eq!(
        sent.query,
        "valueInputOption=RAW&insertDataOption=INSERT_ROWS"
    );
    // A number stays one, and a text that looks like a formula stays a text.
    assert_eq!(
        sent.json(),
        json!({"values": [[null, 129, "=HYPERLINK(\"https://example.com\")"]]})
    );
    jackfield.finish().await
}

async fn a_column_that_is_not_there_is_told(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = connect(&google, &owner).await?;
    let definition = paid(
        &app,
        json!({"Total": "{{ trigger.body.amount }}"}),
        &json!({}),
    );
    let run = owner.run_once(definition, payment()).await?;
    assert_eq!(
        step(&run, "excuse")["output"]["message"],
        json!({"code": "INVALID_CONFIG", "message": "The sheet has no column Total; it has Day, Amount, Booking."})
    );
    assert!(google.outside.requests_to(APPEND).is_empty());
    jackfield.finish().await
}

async fn a_row_under_way_is_appended_again_only_where_that_is_wanted(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let mut jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = connect(&google, &owner).await?;
    google.outside.answer(
        APPEND,
        [Reply::hang(), Reply::hang(), appended(), appended()],
    );
    let mut runs = Vec::new();
    for (index, policy) in [None, Some("RETRY")].into_iter().enumerate() {
        let more = json!({"onUncertain": policy});
        let workflow = owner
            .publish("Append", paid(&app, json!(["a", index]), &more))
            .await?;
        runs.push(owner.start_run(&workflow, json!({})).await?);
    }
    google.outside.wait_for_to(APPEND, 2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let again = owner.ended(&runs[1]).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
    owner.reached(&runs[0], "row", "UNCERTAIN").await?;
    assert_eq!(google.outside.requests_to(APPEND).len(), 3);
    // Google has no idempotency keys here: whether to append the other one again, a person decides.
    let run = owner.run(&runs[0]).await?;
    let input = json!({"stepId": step(&run, "row")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&runs[0]).await?["status"], "SUCCEEDED");
    jackfield.finish().await
}
