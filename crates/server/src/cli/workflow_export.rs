use anyhow::Context;
use serde_json::json;

use super::remote::Remote;

const DOCUMENT: &str = "query($id: ID!, $format: WorkflowFileFormat!) { workflow(id: $id) { draft { file(format: $format) } } }";

/// Prints the draft of a workflow as a file.
///
/// # Errors
///
/// When the server cannot be asked, or there is no such workflow.
pub async fn run(remote: &Remote, id: &str, format: &str) -> anyhow::Result<()> {
    let variables = json!({"id": id, "format": format});
    let data = remote.ask(DOCUMENT, variables).await?;
    let file = data["workflow"]["draft"]["file"].as_str();
    super::print(file.with_context(|| format!("there is no workflow {id}"))?)
}
