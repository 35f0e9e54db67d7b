//! The workflows in `examples/`, applied as somebody would, and what a run of one comes to.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::client::Client;
use crate::jackfield::Jackfield;
use crate::receiver::Receiver;
use crate::workflow::{Workflow, text};

const STEPS: &str =
    "query($id: ID!) { run(id: $id) { status steps { nodeKey status attempt port output } } }";

/// The folder with the examples.
#[must_use]
pub fn examples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"))
}

impl Jackfield {
    /// Applies one of the examples with the command line, and publishes it.
    pub async fn apply_example(&self, file: &str) -> Result<Workflow> {
        let path = examples().join(file).display().to_string();
        let secrets = ["paid", "stripe"].map(|node| format!("{node}=STRIPE_SECRET"));
        let [paid, stripe] = &secrets;
        let arguments = [
            "apply",
            &path,
            "--publish",
            "--secret",
            paid,
            "--secret",
            stripe,
        ];
        let output = self.workflow_command(&arguments)?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{said}{complaint}");
        let id = said.split_whitespace().find(|word| word.starts_with("wf_"));
        let id = id.with_context(|| format!("no id in {said}"))?.to_owned();
        let hooks = self.owner().inbound_hooks(&id).await?;
        Ok(Workflow { id, hooks })
    }
}

impl Client {
    /// Gives the workspace a variable.
    pub async fn set_variable(&self, name: &str, value: impl Into<Value>) -> Result<()> {
        let input = json!({"name": name, "value": value.into()});
        let set = self.succeed("setVariable", input, "variable { version }");
        set.await.map(drop)
    }

    /// A run in lines: its steps, with where they left by and what left, then what reached each vendor. What differs from
    /// run to run is hidden.
    pub async fn told_of(&self, run: &Value, vendors: &[(&str, &Receiver)]) -> Result<String> {
        let id = text(&run["id"])?;
        let run = self.data_with(STEPS, json!({"id": id})).await?["run"].take();
        let mut lines = vec![text(&run["status"])?];
        lines.extend(run["steps"].as_array().into_iter().flatten().map(step));
        for (vendor, outside) in vendors {
            let requests = outside.requests();
            lines.extend(requests.iter().map(|request| {
                let query = match &*request.query {
                    "" => String::new(),
                    query => format!("?{query}"),
                };
                let line = format!(
                    "{vendor} <- {} {}{query} {}",
                    request.method,
                    request.path,
                    request.text()
                );
                line.trim_end().to_owned()
            }));
        }
        let told = lines.join("\n").replace(&id, "RUN");
        Ok(told.replace(&hex::encode(&id), "RUN"))
    }
}

/// A step in a line. What a trigger got is what the test sent, and only status and body of a response stay the same.
fn step(step: &Value) -> String {
    let word = |name: &str| step[name].as_str().unwrap_or_default();
    let mut line = format!("{} {}", word("nodeKey"), word("status"));
    if step["attempt"].as_u64() > Some(1) {
        line.push_str(&format!(" after {} attempts", step["attempt"]));
    }
    if !word("port").is_empty() {
        line.push_str(&format!(" -> {}", word("port")));
    }
    let mut output = step["output"].clone();
    if let Some(members) = output.as_object_mut() {
        members.retain(|name, _| {
            !matches!(
                &**name,
                "headers" | "durationMs" | "finalUrl" | "decidedAt" | "decidedBy"
            )
        });
    }
    match output["event"].is_object() || output.is_null() {
        true => line,
        false => format!("{line} {output}"),
    }
}

/// The text with an ellipsis for what follows each `mark`, up to one of `ends` or the end of its line.
#[must_use]
pub fn hidden(text: &str, mark: &str, ends: &[char]) -> String {
    let lines = text.lines().map(|line| {
        let mut parts = line.split(mark);
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(ends).unwrap_or(part.len());
            shown.push_str(mark);
            shown.push('…');
            shown.push_str(&part[end..]);
        }
        shown
    });
    lines.collect::<Vec<_>>().join("\n")
}
