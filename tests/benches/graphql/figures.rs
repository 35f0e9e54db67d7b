//! The figures.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use jackfield_tests::{Engine, Jackfield, Plugins, Setup, graph, hostile, node};
use serde_json::{Value, json};

use super::driver::{Latencies, Target};
use super::peers;
use super::process::resident;

/// What other servers are measured with.
pub const CONNECTIONS: usize = 32;

/// Measures one figure and prints it.
pub async fn measure(name: &str, length: Duration) -> Result<()> {
    let jackfield = Setup::with(Engine::Sqlite, Plugins::All)?
        .environment("JACKFIELD_LOG", "warn")
        .start()
        .await?;
    let api = Api(&jackfield);
    match name {
        "typename" => {
            let document = json!({"query": "{ __typename }"});
            api.rate(name, &document, length, json!({"targetPerSecond": 30_000}))
                .await?;
        }
        "list" => {
            api.workflows(20).await?;
            let targets = json!({"targetPerSecond": 12_000, "targetP50Ms": 2});
            api.rate(name, &json!({"query": LIST}), length, targets)
                .await?;
        }
        "runs" => {
            api.runs(50).await?;
            let targets = json!({"targetPerSecond": 1_500});
            api.rate(name, &json!({"query": RUNS}), length, targets)
                .await?;
        }
        "peers" => {
            api.workflows(20).await?;
            let (_, ours) = api.load(&json!({"query": LIST}), length).await?;
            peers::compare(ours, length).await?;
        }
        "document" => api.documents(length).await?,
        "hostile" => api.hostile().await?,
        other => bail!("there is no figure `{other}`"),
    }
    jackfield.finish().await
}

/// Twenty workflows.
pub const LIST: &str = "{ workflows(first: 20) { nodes { id name status createdAt updatedAt } } }";

const RUNS: &str = "{ runs(first: 50) { nodes { id status startedAt finishedAt workflow { id name }
    steps { id nodeKey status attempt rateLimitedBy { id name provider } } } } }";

/// What requests are sent to.
struct Api<'j>(&'j Jackfield);

impl Api<'_> {
    fn target(&self, body: &Value) -> Result<Target> {
        let authorization = format!("authorization: Bearer {}\r\n", self.0.owner_key());
        Target::with(&self.0.url("/graphql"), &authorization, &body.to_string())
    }

    async fn load(&self, body: &Value, length: Duration) -> Result<(Latencies, f64)> {
        let target = self.target(body)?;
        target.load(CONNECTIONS, Duration::from_secs(1)).await?;
        let begun = Instant::now();
        let latencies = target.load(CONNECTIONS, length).await?;
        let rate = latencies.count() as f64 / begun.elapsed().as_secs_f64();
        Ok((latencies, rate))
    }

    async fn rate(&self, name: &str, body: &Value, length: Duration, targets: Value) -> Result<()> {
        let (mut latencies, rate) = self.load(body, length).await?;
        let mut figure = json!({
            "bench": "graphql", "figure": name, "engine": "sqlite", "connections": CONNECTIONS,
            "requestsPerSecond": rate.round(), "p50Ms": latencies.at(0.5), "p99Ms": latencies.at(0.99),
            "rssMb": (resident(self.0.process_id()?)? as f64 / 1e5).round() / 10.0,
        });
        if let (Some(figure), Value::Object(targets)) = (figure.as_object_mut(), targets) {
            figure.extend(targets);
        }
        println!("{figure}");
        Ok(())
    }

    async fn workflows(&self, count: usize) -> Result<()> {
        for number in 0..count {
            let definition = graph([node("got", "manual", json!({}))], &[]);
            let input = json!({"name": format!("Workflow {number}"), "definition": definition});
            let owner = self.0.owner();
            owner
                .succeed("createWorkflow", input, "workflow { id }")
                .await?;
        }
        Ok(())
    }

    /// Runs of three steps.
    async fn runs(&self, count: usize) -> Result<()> {
        let set = |key| node(key, "set", json!({"values": {"n": "{{ trigger.n }}"}}));
        let nodes = [node("got", "manual", json!({})), set("a"), set("b")];
        let owner = self.0.owner();
        let workflow = owner
            .publish("Runs", graph(nodes, &["got -> a", "a -> b"]))
            .await?;
        for number in 0..count {
            owner.run_to_end(&workflow, json!({"n": number})).await?;
        }
        Ok(())
    }

    /// A document of 1.4 KB that was seen before, and one that is another each time.
    async fn documents(&self, length: Duration) -> Result<()> {
        let mut fields = String::new();
        for number in 0..70 {
            write!(fields, " a{number}: role b{number}: __typename")?;
        }
        fields.truncate(1_360);
        let end = fields.rfind(" a").unwrap_or(fields.len());
        let fields = &fields[..end];
        let seen = json!({"query": format!("{{ viewer {{{fields} }} }}")});
        let (mut seen_latencies, seen_rate) = self.load(&seen, length / 2).await?;
        let targets = (0..2_000).map(|number| {
            let text = format!("{{ viewer {{{fields} }} }} # {number}");
            self.target(&json!({"query": text}))
        });
        let targets: Vec<Target> = targets.collect::<Result<_>>()?;
        let begun = Instant::now();
        for chunk in targets.chunks(CONNECTIONS) {
            let sent = chunk.iter().map(|target| target.post(1, 1));
            futures_util::future::try_join_all(sent).await?;
        }
        let fresh_rate = targets.len() as f64 / begun.elapsed().as_secs_f64();
        println!(
            "{}",
            json!({
                "bench": "graphql", "figure": "document", "bytes": fields.len(), "seenPerSecond": seen_rate.round(),
                "seenP50Ms": seen_latencies.at(0.5), "freshPerSecond": fresh_rate.round(),
            })
        );
        Ok(())
    }

    /// How long the slowest of the hostile documents takes, each at its median of some.
    async fn hostile(&self) -> Result<()> {
        const TIMES: usize = 21;
        let mut slowest = ("", 0.0);
        for (name, body) in hostile::requests() {
            let mut latencies = self.target(&body)?.post(1, TIMES).await?;
            let median = latencies.at(0.5);
            if median > slowest.1 {
                slowest = (name, median);
            }
        }
        println!(
            "{}",
            json!({
                "bench": "graphql", "figure": "hostile", "slowest": slowest.0, "p50Ms": slowest.1, "targetP50Ms": 5,
            })
        );
        Ok(())
    }
}
