//! What happens, step by step.

use anyhow::{Context, Result, ensure};
use jackfield_tests::stripe::PAYMENT_SUCCEEDED;
use jackfield_tests::{Jackfield, Receiver, Workflow, graph, node};
use serde_json::{Value, json};

use crate::progress::Progress;

const SECRET: &str = "whsec_c2hvd24taW4tdGhlLWRlbW8";
const FOLLOW: &str = "subscription($run: ID!) { runUpdates(runId: $run) { run { id status } step { nodeKey status output } } }";
const TRACE: &str = "query($id: ID!) { workflow(id: $id) { inboundHooks { rejections { nodes { reason detail } } } } }";

/// The server, and an HTTP service outside.
pub struct Scene {
    pub jackfield: Jackfield,
    pub ledger: Receiver,
}

impl Scene {
    pub async fn play(&self, progress: &mut Progress) -> Result<()> {
        progress.step("Creating and publishing a workflow over GraphQL");
        let workflow = self.publish().await?;
        progress.detail(
            "paid (webhook, signed by Stripe) → book (api-endpoint, in a plugin) → receipt (set)",
        );
        progress.detail(&workflow.hooks[0].url);

        progress.step("Posting payment_intent.succeeded, signed as Stripe signs it");
        let answer = workflow.hooks[0]
            .post_stripe(SECRET, PAYMENT_SUCCEEDED)
            .await?;
        ensure!(
            answer.status == 200,
            "the hook answered {} {}",
            answer.status,
            answer.text
        );
        progress.detail(&format!("answered {}", answer.status));

        progress.step("Following runUpdates over graphql-transport-ws");
        let run = self
            .jackfield
            .owner()
            .runs_of(&workflow)
            .await?
            .pop()
            .context("nothing runs")?;
        let mut updates = self
            .jackfield
            .subscribe(FOLLOW, json!({"run": run["id"]}))
            .await?;
        while let Some(update) = updates.next().await? {
            show_update(progress, &update["runUpdates"]);
        }
        let run = self
            .jackfield
            .owner()
            .ended_runs_of(&workflow, 1)
            .await?
            .remove(0);
        ensure!(
            run["status"] == "SUCCEEDED",
            "the run did not succeed: {run:#}"
        );

        progress.step("What the HTTP service outside has received");
        let request = self
            .ledger
            .requests()
            .pop()
            .context("nothing has arrived")?;
        progress.detail(&format!(
            "{} {}  {}",
            request.method,
            request.path,
            request.text()
        ));
        ensure!(request.json()["cents"] == 12900, "the amount is wrong");

        progress.step("Posting the same with a wrong signature");
        self.forge(progress, &workflow).await?;
        progress.step("Posting the same delivery once more, as Stripe does when an answer is lost");
        self.repeat(progress, &workflow).await
    }

    async fn publish(&self) -> Result<Workflow> {
        let booking = json!({
            "url": self.ledger.url("/ledger/{{ trigger.body.data.object.metadata.booking }}"),
            "method": "POST",
            "body": {
                "cents": "{{ trigger.body.data.object.amount }}",
                "note": "{{ trigger.body.data.object.description }}",
            },
        });
        let nodes = [
            node(
                "paid",
                "webhook",
                json!({"scheme": "stripe", "secret": SECRET}),
            ),
            node("book", "api-endpoint", booking),
            node(
                "receipt",
                "set",
                json!({"values": {"number": "{{ steps.book.output.body.receipt }}"}}),
            ),
        ];
        self.jackfield
            .owner()
            .publish(
                "Book payments",
                graph(nodes, &["paid -> book", "book -> receipt"]),
            )
            .await
    }

    async fn forge(&self, progress: &Progress, workflow: &Workflow) -> Result<()> {
        let answer = workflow.hooks[0]
            .post_stripe("whsec_guessed", PAYMENT_SUCCEEDED)
            .await?;
        ensure!(
            answer.status == 401,
            "the hook answered {} {}",
            answer.status,
            answer.text
        );
        let trace = self
            .jackfield
            .owner()
            .data_with(TRACE, json!({"id": workflow.id}))
            .await?;
        let rejection = &trace["workflow"]["inboundHooks"][0]["rejections"]["nodes"][0];
        ensure!(
            rejection["reason"] == "WRONG_SIGNATURE",
            "the trace is {trace:#}"
        );
        progress.detail(&format!(
            "answered 401, and its trace says {}: {}",
            word(&rejection["reason"]),
            word(&rejection["detail"])
        ));
        Ok(())
    }

    async fn repeat(&self, progress: &Progress, workflow: &Workflow) -> Result<()> {
        let answer = workflow.hooks[0]
            .post_stripe(SECRET, PAYMENT_SUCCEEDED)
            .await?;
        ensure!(
            answer.status == 200,
            "the hook answered {} {}",
            answer.status,
            answer.text
        );
        let runs = self.jackfield.owner().runs_of(workflow).await?.len();
        let requests = self.ledger.requests().len();
        ensure!(
            (runs, requests) == (1, 1),
            "there are {runs} runs and {requests} requests"
        );
        progress.detail("answered 200, and there is still one run and one request");
        Ok(())
    }
}

fn show_update(progress: &Progress, update: &Value) {
    let step = &update["step"];
    if step.is_null() {
        progress.detail(&format!("run      {}", word(&update["run"]["status"])));
    } else {
        let output = if step["output"].is_null() {
            String::new()
        } else {
            shortened(&step["output"].to_string())
        };
        progress.detail(&format!(
            "{:<8} {:<10} {output}",
            word(&step["nodeKey"]),
            word(&step["status"])
        ));
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(90).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
