//! How much a hook takes, and from where.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{
    Engine, HookAnswer, InboundHook, Jackfield, Setup, graph, node, on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![
    a_hook_takes_so_many_requests_a_second,
    a_hook_takes_bodies_of_its_own_size,
    a_hook_takes_requests_from_where_it_was_told,
    a_hook_without_a_word_has_the_servers_limit,
];

async fn hook(jackfield: &Jackfield, config: Value) -> Result<InboundHook> {
    let nodes = [
        node("got", "webhook", config),
        node("note", "debug", json!({"message": "seen"})),
    ];
    let definition = graph(nodes, &["got -> note"]);
    let workflow = jackfield.owner().publish("Note", definition).await?;
    Ok(workflow.hooks[0].clone())
}

async fn finish(jackfield: Jackfield) -> Result<()> {
    let data = jackfield.owner().data("{ runs { nodes { id } } }").await?;
    for run in data["runs"]["nodes"].as_array().into_iter().flatten() {
        let id = run["id"].as_str().unwrap_or_default();
        jackfield.owner().ended(id).await?;
    }
    jackfield.finish().await
}

fn said(answer: &HookAnswer) -> String {
    format!("{} {}", answer.status, answer.text)
}

/// Of requests that come faster than two a second the first two are taken; in the same second no third can be.
async fn flood(hook: &InboundHook) -> Result<Vec<HookAnswer>> {
    let requests = (0..10).map(|_| hook.post(&[], "{}"));
    futures_util::future::try_join_all(requests).await
}

async fn a_hook_takes_so_many_requests_a_second(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let hook = hook(&jackfield, json!({"maxPerSecond": 1})).await?;
    let answers = flood(&hook).await?;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert!((1..10).contains(&taken), "{taken}");
    let refused = answers.iter().find(|answer| answer.status != 200);
    let refused = refused.context("no request was refused")?;
    // How long to wait depends on how many were taken, and that on how fast they came.
    let seconds: u64 = refused.headers["retry-after"].parse()?;
    assert!(seconds >= 1, "{seconds}");
    allow_duplicates! {
        assert_snapshot!(said(refused), @r#"429 {"error":{"code":"TOO_MANY_REQUESTS","message":"this webhook takes at most 1 requests a second"}}"#);
    }
    finish(jackfield).await
}

async fn a_hook_without_a_word_has_the_servers_limit(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_HOOK_REQUESTS_PER_SECOND", "1");
    let jackfield = setup.start().await?;
    let limited = hook(&jackfield, json!({})).await?;
    let own = hook(&jackfield, json!({"maxPerSecond": 1000})).await?;
    let refused = flood(&limited).await?;
    let taken = flood(&own).await?;
    assert!(refused.iter().any(|answer| answer.status == 429));
    assert!(taken.iter().all(|answer| answer.status == 200));
    finish(jackfield).await
}

async fn a_hook_takes_bodies_of_its_own_size(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let hook = hook(&jackfield, json!({"maxBytes": 10, "format": "raw"})).await?;
    let (fits, large) = (hook.post(&[], "0123456789"), hook.post(&[], "0123456789a"));
    let (fits, large) = tokio::try_join!(fits, large)?;
    assert_eq!(fits.status, 200, "{}", fits.text);
    allow_duplicates! {
        assert_snapshot!(said(&large), @r#"413 {"error":{"code":"BODY_TOO_LARGE","message":"the body is larger than the 10 bytes that are accepted"}}"#);
    }
    finish(jackfield).await
}

async fn a_hook_takes_requests_from_where_it_was_told(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?;
    let mut jackfield = setup.start().await?;
    let elsewhere = hook(
        &jackfield,
        json!({"allowFrom": ["192.0.2.0/24", "2001:db8::/32"]}),
    )
    .await?;
    let here = hook(&jackfield, json!({"allowFrom": ["127.0.0.1/32"]})).await?;
    let forged = [("x-forwarded-for", "192.0.2.7")];

    assert_eq!(here.post(&[], "{}").await?.status, 200);
    let refused = elsewhere.post(&forged, "{}").await?;
    allow_duplicates! {
        assert_snapshot!(said(&refused), @r#"403 {"error":{"code":"FORBIDDEN_ADDRESS","message":"this webhook takes nothing from your address"}}"#);
    }
    // Behind a proxy that is trusted, what it says counts.
    jackfield.set("JACKFIELD_TRUSTED_PROXIES", Some("127.0.0.0/8"));
    jackfield.kill().await?;
    jackfield.restart().await?;
    assert_eq!(elsewhere.post(&forged, "{}").await?.status, 200);
    let behind = [("x-forwarded-for", "192.0.2.7, 198.51.100.1")];
    assert_eq!(elsewhere.post(&behind, "{}").await?.status, 403);
    assert_eq!(here.post(&forged, "{}").await?.status, 403);
    finish(jackfield).await
}
