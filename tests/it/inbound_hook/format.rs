//! What an expression sees of a request.

use anyhow::Result;
use jackfield_tests::{Engine, InboundHook, Jackfield, graph, node, on_both_engines, step};
use serde_json::{Value, json};

on_both_engines![
    json_keeps_its_types,
    a_form_becomes_an_object,
    raw_text_stays_text,
    headers_and_query_are_in_scope,
    a_body_that_is_no_json_is_refused,
    a_body_over_the_limit_is_refused,
];

/// A workflow that shows what the trigger holds, and its hook.
async fn echo(
    jackfield: &Jackfield,
    format: &str,
) -> Result<(jackfield_tests::Workflow, InboundHook)> {
    let seen = json!({
        "body": "{{ trigger.body }}",
        "kind": "{{ trigger.headers['x-kind'] | default('none') }}",
        "page": "{{ trigger.query.page | default('none') }}",
    });
    let nodes = [
        node("got", "webhook", json!({"format": format})),
        node("seen", "set", json!({"values": seen})),
    ];
    let mut workflow = jackfield
        .owner()
        .publish("Echo", graph(nodes, &["got -> seen"]))
        .await?;
    let hook = workflow.hooks.remove(0);
    Ok((workflow, hook))
}

async fn seen(jackfield: &Jackfield, workflow: &jackfield_tests::Workflow) -> Result<Value> {
    let run = jackfield
        .owner()
        .ended_runs_of(workflow, 1)
        .await?
        .remove(0);
    Ok(step(&run, "seen")["output"].clone())
}

async fn json_keeps_its_types(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (workflow, hook) = echo(&jackfield, "json").await?;
    let body = json!({"big": 9_007_199_254_740_993_i64, "list": [1, 2.5, null, true], "empty": {}, "text": "ä\u{1F600}"});
    assert_eq!(hook.post_json(&body).await?.status, 200);
    assert_eq!(seen(&jackfield, &workflow).await?["body"], body);
    jackfield.finish().await
}

async fn a_form_becomes_an_object(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (workflow, hook) = echo(&jackfield, "form").await?;
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(
        hook.post(&headers, "From=%2B1555&Body=on+my+way")
            .await?
            .status,
        200
    );
    assert_eq!(
        seen(&jackfield, &workflow).await?["body"],
        json!({"From": "+1555", "Body": "on my way"})
    );
    jackfield.finish().await
}

async fn raw_text_stays_text(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (workflow, hook) = echo(&jackfield, "raw").await?;
    assert_eq!(
        hook.post(&[("content-type", "text/csv")], "a;b\n1;2\n")
            .await?
            .status,
        200
    );
    assert_eq!(seen(&jackfield, &workflow).await?["body"], "a;b\n1;2\n");
    jackfield.finish().await
}

async fn headers_and_query_are_in_scope(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (workflow, mut hook) = echo(&jackfield, "json").await?;
    hook.url.push_str("?page=3");
    assert_eq!(hook.post(&[("X-Kind", "test")], "{}").await?.status, 200);
    let seen = seen(&jackfield, &workflow).await?;
    assert_eq!(
        (&seen["kind"], &seen["page"]),
        (&json!("test"), &json!("3"))
    );
    jackfield.finish().await
}

async fn a_body_that_is_no_json_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (workflow, hook) = echo(&jackfield, "json").await?;
    let answer = hook
        .post(&[("content-type", "application/json")], "{\"open\": ")
        .await?;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(
        jackfield.owner().runs_of(&workflow).await?,
        Vec::<Value>::new()
    );
    jackfield.finish().await
}

async fn a_body_over_the_limit_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (workflow, hook) = echo(&jackfield, "raw").await?;
    let answer = hook.post(&[], vec![b'a'; 3 << 20]).await?;
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert_eq!(
        jackfield.owner().runs_of(&workflow).await?,
        Vec::<Value>::new()
    );
    jackfield.finish().await
}
