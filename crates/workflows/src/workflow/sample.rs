use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::RunId;
use jackfield_storage::{run, step, workflow_version};
use serde_json::{Map, Value, json};

use super::{WorkflowError, Workflows};
use crate::definition::Document;
use crate::expression::Sample;

impl Workflows {
    /// What the expressions of a run saw, to try others on; `None` when there is no such run. With `node`, only the steps
    /// that come before the node of that key.
    pub async fn sample(
        &self,
        permit: &Permit<Read>,
        id: RunId,
        node: Option<&str>,
    ) -> Result<Option<Sample>, WorkflowError> {
        let db = self.0.store.reader();
        let Some(run) = run::find(db, permit, id).await? else {
            return Ok(None);
        };
        let before = match node {
            Some(node) => {
                let version = workflow_version::find(db, permit, run.workflow_version_id).await?;
                let document = version.and_then(|version| version.definition.parse().ok());
                document.map(|document: Document| document.before(node))
            }
            None => None,
        };
        let mut steps = Map::new();
        for step in step::of_runs(db, permit, &[id]).await? {
            let wanted = before
                .as_ref()
                .is_none_or(|before| before.contains(&step.node_key));
            if let (true, Some(output), Some(port)) = (wanted, step.output, step.port) {
                steps.insert(
                    step.node_key,
                    json!({"output": output.value(), "port": port}),
                );
            }
        }
        Ok(Some(Sample {
            trigger: run.input.value(),
            steps: Value::Object(steps),
            run: json!({
                "id": run.id.to_string(),
                "workflowId": run.workflow_id.to_string(),
                "createdAt": run.created_at.to_string(),
            }),
            ..Sample::default()
        }))
    }
}
