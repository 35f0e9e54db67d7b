//! What QuickBooks tells.

use anyhow::Result;
use jackfield_tests::{
    Client, Engine, Jackfield, QuickBooks, QuickBooksApp, Workflow, graph, node, node_of_app,
    on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![
    changes_start_the_workflows_that_want_them,
    what_intuit_has_not_signed_is_not_believed,
];

/// A workflow that starts with such changes, and shows them.
async fn listening(owner: &Client, app: &QuickBooksApp, event: &str) -> Result<Workflow> {
    let trigger = node_of_app(
        "told",
        "quickbooks-event",
        &app.id,
        json!({"events": [event]}),
    );
    let values = json!({"values": {
        "event": "{{ trigger.body.event }}", "id": "{{ trigger.body.id }}",
    }});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    owner.publish(event, definition).await
}

fn cloud_event(id: &str, event_type: &str, realm: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=", "type": event_type,
        "datacontenttype": "application/json", "time": "2026-11-28T09:31:25.179851517Z", "intuitentityid": "231",
        "intuitaccountid": realm, "data": {},
    })
}

fn older() -> Value {
    let change = json!({"id": "145", "operation": "Create", "name": "Invoice", "lastUpdated": "2026-11-28T09:31:25.000Z"});
    json!({"eventNotifications": [{"realmId": QuickBooks::REALM, "dataChangeEvent": {"entities": [change]}}]})
}

async fn changes_start_the_workflows_that_want_them(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let jackfield = Jackfield::with(engine, &["quickbooks"]).await?;
    let owner = jackfield.owner();
    let (app, _) = quickbooks.connect(&owner).await?;
    let payments = listening(&owner, &app, "payment.*").await?;
    let invoices = listening(&owner, &app, "invoice.created").await?;
    let told = json!([
        cloud_event("ev-1", "qbo.payment.created.v1", QuickBooks::REALM),
        cloud_event("ev-2", "qbo.customer.updated.v1", QuickBooks::REALM),
        // Another company has let the client in, too.
        cloud_event("ev-3", "qbo.payment.created.v1", "4711"),
    ]);
    // Intuit sends each again.
    for body in [&told, &told, &older(), &older()] {
        let answer = app.post(body).await?;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let seen = owner.ended_runs_of(&payments, 1).await?;
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert_eq!(
        seen[0]["output"],
        json!({"event": "payment.created", "id": "231"})
    );
    let seen = owner.ended_runs_of(&invoices, 1).await?;
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert_eq!(
        seen[0]["output"],
        json!({"event": "invoice.created", "id": "145"})
    );
    jackfield.finish().await
}

async fn what_intuit_has_not_signed_is_not_believed(engine: Engine) -> Result<()> {
    let quickbooks = QuickBooks::start().await?;
    let jackfield = Jackfield::with(engine, &["quickbooks"]).await?;
    let owner = jackfield.owner();
    let (app, _) = quickbooks.connect(&owner).await?;
    let invoices = listening(&owner, &app, "*").await?;
    let forged = [(
        "intuit-signature",
        "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
    )];
    for headers in [&[][..], &forged] {
        let answer = app.hook.post(headers, older().to_string()).await?;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    assert_eq!(owner.runs_of(&invoices).await?, Vec::<Value>::new());
    jackfield.finish().await
}
