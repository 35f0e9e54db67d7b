//! From a signed Stripe event to the answer of a plugin's node: the whole path.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::stripe::{PAYMENT_SUCCEEDED as EVENT, sign, sign_at, unix_now};
use jackfield_tests::{
    Engine, Jackfield, Receiver, Reply, Workflow, graph, node, on_both_engines, step, steps,
};
use serde_json::{Value, json};

on_both_engines![
    a_signed_event_runs_the_workflow_and_its_progress_is_streamed,
    a_wrong_signature_is_refused_and_leaves_a_trace,
    a_repeated_delivery_does_not_run_twice,
];

const SECRET: &str = "whsec_c3RyaXBlLXNpZ25zLXdpdGgtdGhpcw";

/// Books a payment in a ledger, which is the outside world.
async fn publish(jackfield: &Jackfield, outside: &Receiver) -> Result<Workflow> {
    let booking = json!({
        "url": outside.url("/ledger/{{ trigger.body.data.object.metadata.booking }}"),
        "method": "POST",
        "headers": {"X-Event": "{{ trigger.event.type }}"},
        "bodyFormat": "json",
        "body": {
            "cents": "{{ trigger.body.data.object.amount }}",
            "note": "Paid in {{ trigger.body.data.object.currency }}: {{ trigger.body.data.object.description }}",
        },
    });
    let nodes = [
        node(
            "paid",
            "webhook",
            json!({"scheme": "stripe", "secret": SECRET, "format": "json"}),
        ),
        node("book", "api-endpoint", booking),
        node(
            "receipt",
            "set",
            json!({"values": {"number": "{{ steps.book.output.body.receipt }}"}}),
        ),
    ];
    jackfield
        .owner()
        .publish(
            "Book payments",
            graph(nodes, &["paid -> book", "book -> receipt"]),
        )
        .await
}

async fn a_signed_event_runs_the_workflow_and_its_progress_is_streamed(
    engine: Engine,
) -> Result<()> {
    let outside = Receiver::start().await?;
    let receipt = Reply::json(201, &json!({"receipt": 77}));
    outside.answer(
        "/ledger/bk_2041",
        [receipt.after(Duration::from_millis(700))],
    );
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let workflow = publish(&jackfield, &outside).await?;

    let answer = workflow.hooks[0].post_stripe(SECRET, EVENT).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let run = jackfield.owner().runs_of(&workflow).await?.remove(0);
    let document = "subscription($run: ID!) { runUpdates(runId: $run) { cursor run { id status } step { nodeKey status } } }";
    let mut updates = jackfield
        .subscribe(document, json!({"run": run["id"]}))
        .await?;
    let streamed = updates.rest().await?;

    let run = jackfield
        .owner()
        .ended_runs_of(&workflow, 1)
        .await?
        .remove(0);
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(
        steps(&run),
        ["paid SUCCEEDED", "book SUCCEEDED", "receipt SUCCEEDED"]
    );
    let book = step(&run, "book");
    assert_eq!(book["input"]["body"]["cents"], 12900, "{book:#}");
    assert_eq!(book["output"]["status"], 201, "{book:#}");
    assert_eq!(book["output"]["body"], json!({"receipt": 77}));
    assert_eq!(step(&run, "receipt")["output"], json!({"number": 77}));
    for timed in [&run, book] {
        let (started, finished) = (timed["startedAt"].as_str(), timed["finishedAt"].as_str());
        assert!(started.is_some() && started <= finished, "{timed:#}");
    }
    assert_streamed_in_order(&streamed, &run);

    let request = &outside.requests()[0];
    assert_eq!(
        (&*request.method, &*request.path),
        ("POST", "/ledger/bk_2041")
    );
    assert_eq!(request.header("x-event"), "stripe.payment_intent.succeeded");
    let note = "Paid in eur: Spring clean, 3 rooms — Müller & Söhne";
    assert_eq!(request.json(), json!({"cents": 12900, "note": note}));
    jackfield.finish().await
}

/// Each node is seen to succeed in the order of the edges, and each cursor is a new one.
fn assert_streamed_in_order(streamed: &[Value], run: &Value) {
    let updates: Vec<_> = streamed.iter().map(|data| &data["runUpdates"]).collect();
    let succeeded = updates
        .iter()
        .filter(|update| update["step"]["status"] == "SUCCEEDED");
    let order: Vec<_> = succeeded
        .filter_map(|update| update["step"]["nodeKey"].as_str())
        .collect();
    assert_eq!(order, ["paid", "book", "receipt"], "{streamed:#?}");
    assert!(
        updates
            .iter()
            .all(|update| update["run"]["id"] == run["id"]),
        "{streamed:#?}"
    );
    assert!(
        updates.iter().all(|update| update["cursor"].is_string()),
        "{streamed:#?}"
    );
}

async fn a_wrong_signature_is_refused_and_leaves_a_trace(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let workflow = publish(&jackfield, &outside).await?;
    let hook = &workflow.hooks[0];

    let forged = hook.post_stripe("whsec_guessed", EVENT).await?;
    let unsigned = hook.post_json(&serde_json::from_str(EVENT)?).await?;
    let old = sign_at(SECRET, EVENT.as_bytes(), unix_now() - 3600);
    let replayed = hook.post(&[("stripe-signature", &old)], EVENT).await?;
    let good = sign(SECRET, EVENT.as_bytes());
    let changed = hook
        .post(
            &[("stripe-signature", &good)],
            EVENT.replace("12900", "10000"),
        )
        .await?;
    assert_eq!(
        [
            forged.status,
            unsigned.status,
            replayed.status,
            changed.status
        ],
        [401; 4]
    );

    let document = "query($id: ID!) { workflow(id: $id) { inboundHooks { rejections { nodes { reason } } } } }";
    let data = jackfield
        .owner()
        .data_with(document, json!({"id": workflow.id}))
        .await?;
    let trace = data["workflow"]["inboundHooks"][0]["rejections"]["nodes"].clone();
    let mut reasons: Vec<_> = trace
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it["reason"].as_str())
        .collect();
    reasons.sort_unstable();
    assert_eq!(
        reasons,
        [
            "MISSING_SIGNATURE",
            "STALE_SIGNATURE",
            "WRONG_SIGNATURE",
            "WRONG_SIGNATURE"
        ],
        "{trace:#}"
    );
    assert_eq!(
        jackfield.owner().runs_of(&workflow).await?,
        Vec::<Value>::new()
    );
    assert!(outside.requests().is_empty());
    jackfield.finish().await
}

async fn a_repeated_delivery_does_not_run_twice(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let workflow = publish(&jackfield, &outside).await?;
    let hook = &workflow.hooks[0];

    // Stripe signs each delivery anew; the event keeps its id.
    let (one, other) = tokio::join!(
        hook.post_stripe(SECRET, EVENT),
        hook.post_stripe(SECRET, EVENT)
    );
    assert_eq!([one?.status, other?.status], [200, 200]);
    assert_eq!(hook.post_stripe(SECRET, EVENT).await?.status, 200);
    let next = EVENT.replace(
        "evt_3QKx7fLkdIwHu7ix0Zt1YbWm",
        "evt_3QKx7fLkdIwHu7ix1AAAAAAA",
    );
    assert_eq!(hook.post_stripe(SECRET, &next).await?.status, 200);

    let runs = jackfield.owner().ended_runs_of(&workflow, 2).await?;
    assert_eq!(runs.len(), 2);
    assert_eq!(outside.requests().len(), 2);
    let events = jackfield
        .owner()
        .data("{ events { totalCount nodes { type data } } }")
        .await?;
    assert_eq!(events["events"]["totalCount"], 2, "{events:#}");
    jackfield.finish().await
}
