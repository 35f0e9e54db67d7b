//! Several servers on one PostgreSQL: they share the work, hear of each other, and stand in for each other.

mod access;
mod event_type;
mod fence;
mod follow;
mod restart;
mod take_over;

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Plugins, Receiver, Reply, Setup, Workflow, graph, node};
use serde_json::json;

/// How long the runs of a node that died are left to it.
const LEASE: &str = "1500ms";

/// Two nodes on one database.
async fn two_nodes() -> Result<(Jackfield, Jackfield)> {
    let setup =
        Setup::with(Engine::Postgres, Plugins::All)?.environment("JACKFIELD_RUN_LEASE", LEASE);
    let first = setup.start().await?;
    let second = Setup::node_of(&first)?.start().await?;
    Ok((first, second))
}

/// A published workflow that calls `/one`, `/two` and `/three`, one after the other; each takes a while to answer.
async fn three_calls(
    jackfield: &Jackfield,
    outside: &Receiver,
    each: Duration,
) -> Result<Workflow> {
    for path in ["/one", "/two", "/three"] {
        outside.answer(path, [Reply::default().after(each)]);
    }
    let call = |key: &str| {
        let url = format!("{}?run={{{{ run.id }}}}", outside.url(&format!("/{key}")));
        node(key, "api-endpoint", json!({"url": url, "method": "POST"}))
    };
    let nodes = [
        node("start", "manual", json!({})),
        call("one"),
        call("two"),
        call("three"),
    ];
    let definition = graph(nodes, &["start -> one", "one -> two", "two -> three"]);
    jackfield.owner().publish("Three calls", definition).await
}

/// Ends both, after one of them has checked that nothing is left.
async fn finish(first: Jackfield, second: Jackfield) -> Result<()> {
    first.finish().await?;
    second.finish().await
}
