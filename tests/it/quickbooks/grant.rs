//! Access that a person grants to a company.

use std::collections::BTreeMap;

use anyhow::Result;
use jackfield_tests::{
    Engine, Jackfield, QuickBooks, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::json;

on_both_engines![
    a_person_grants_access_to_a_company,
    what_access_is_renewed_with_is_the_last_that_was_given,
];

/// A workflow that invoices a job.
fn invoices(app: &serde_json::Value) -> serde_json::Value {
    let line = json!({"item": "19", "quantity": "{{ trigger.body.hours }}", "unitPrice": "36.965"});
    let config = json!({"operation": "create_invoice", "customer": "58", "lineItems": [line]});
    start_then_or_excuse(node_of_app("bill", "quickbooks", app, config))
}

async fn a_person_grants_access_to_a_company(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let jackfield = Jackfield::with(engine, &["quickbooks"]).await?;
    let owner = jackfield.owner();
    let (app, asked) = quickbooks.connect(&owner).await?;
    assert_eq!(asked["client_id"], "AB-client");
    assert_eq!(asked["scope"], "com.intuit.quickbooks.accounting");
    let exchanged = &quickbooks.outside.requests_to(QuickBooks::TOKENS)[0];
    // `AB-client:s3cret-of-the-client`
    assert_eq!(
        exchanged.header("authorization"),
        "Basic QUItY2xpZW50OnMzY3JldC1vZi10aGUtY2xpZW50"
    );
    let form = form(&exchanged.text())?;
    assert_eq!(
        (form["grant_type"].as_str(), form["code"].as_str()),
        ("authorization_code", "AB-code-of-a-person")
    );
    let checked = owner
        .succeed(
            "checkConnectedApp",
            json!({"connectedAppId": app.id}),
            "connectedApp { status settings lastHealthCheck { ok message } }",
        )
        .await?;
    let app = &checked["connectedApp"];
    assert_eq!(app["status"], "CONNECTED", "{app:#}");
    assert_eq!(app["settings"]["realmId"], QuickBooks::REALM);
    assert_eq!(
        app["lastHealthCheck"],
        json!({"ok": true, "message": "Acme Cleaning"})
    );
    jackfield.finish().await
}

async fn what_access_is_renewed_with_is_the_last_that_was_given(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let jackfield = Jackfield::with(engine, &["quickbooks"]).await?;
    let owner = jackfield.owner();
    let (app, _) = quickbooks.connect(&owner).await?;
    quickbooks.tokens([QuickBooks::token(2), QuickBooks::token(3)]);
    let made = || QuickBooks::made("Invoice", &QuickBooks::invoice());
    quickbooks.answer(
        "invoice",
        [QuickBooks::ended(), made(), QuickBooks::ended(), made()],
    );
    for _ in 0..2 {
        let run = owner
            .run_once(invoices(&app.id), json!({"hours": 3.5}))
            .await?;
        assert_eq!(step(&run, "bill")["status"], "SUCCEEDED", "{run:#}");
    }
    let tokens = quickbooks.outside.requests_to(QuickBooks::TOKENS);
    let mut renewed = Vec::new();
    for token in &tokens[1..] {
        let form = form(&token.text())?;
        assert_eq!(form["grant_type"], "refresh_token");
        renewed.push(form["refresh_token"].clone());
    }
    assert_eq!(renewed, ["refresh-token-1", "refresh-token-2"]);
    let asked = quickbooks.asked("invoice");
    let sent: Vec<&str> = asked
        .iter()
        .map(|request| request.header("authorization"))
        .collect();
    assert_eq!(
        sent,
        [
            "Bearer access-token-1",
            "Bearer access-token-2",
            "Bearer access-token-2",
            "Bearer access-token-3",
        ]
    );
    jackfield.finish().await
}

fn form(text: &str) -> Result<BTreeMap<String, String>> {
    let url = reqwest::Url::parse(&format!("http://form/?{text}"))?;
    Ok(url.query_pairs().into_owned().collect())
}
