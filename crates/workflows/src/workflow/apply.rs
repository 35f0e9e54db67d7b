//! A file becomes a workflow, or the next version of the one that it became before.

use std::collections::HashMap;

use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::workflow::{self, Workflow};
use jackfield_storage::{Problem, ProblemCode, connected_app, inbound_hook, workflow_version};
use serde_json::{Value, json};

use super::export::document;
use super::{NewWorkflow, SaveWorkflow, WorkflowError, Workflows};
use crate::definition::{Diff, Document};
use crate::file::WorkflowFile;
use crate::nodes::webhook;

/// A file that is to be applied.
#[derive(Debug, Clone, Default)]
pub struct ApplyWorkflow {
    /// The text of the file.
    pub file: String,
    /// Whether the workflow is to be published too.
    pub publish: bool,
    /// Whether only to say what would be done.
    pub dry_run: bool,
    /// Secrets by the key of their webhook node, for webhooks that have none yet. One that is there stays.
    pub secrets: HashMap<String, String>,
}

/// What became, or with `dry_run` would become, of a file.
#[derive(Debug)]
pub struct AppliedWorkflow {
    /// The workflow; none when it would have been created.
    pub workflow: Option<Workflow>,
    /// What was written.
    pub outcome: Outcome,
    /// Whether another version was published.
    pub published: bool,
    /// What is different from the draft that was there.
    pub diff: Diff,
}

/// What was written of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was no workflow of that name.
    Created,
    /// The draft was another one.
    Changed,
    /// The draft was this one.
    Unchanged,
}

impl Workflows {
    /// Applies a file to the workflow with the file's name, which is created when there is none. Applied again, it writes
    /// nothing.
    pub async fn apply(
        &self,
        permit: &Permit<EditWorkflows>,
        apply: ApplyWorkflow,
    ) -> Result<AppliedWorkflow, WorkflowError> {
        let file = WorkflowFile::read(&apply.file).map_err(rejected)?;
        let existing = self.named(permit, &file.name).await?;
        let new = self
            .resolved(permit, file, existing.as_ref(), &apply.secrets)
            .await?;
        let (document, before) = self.compared(permit, &new, existing.as_ref()).await?;
        let diff = Diff::between(&before, &document);
        let outcome = match &existing {
            None => Outcome::Created,
            Some(_) if diff.is_empty() => Outcome::Unchanged,
            Some(_) => Outcome::Changed,
        };
        if apply.dry_run {
            let published = apply.publish
                && existing.as_ref().is_none_or(|existing| {
                    !diff.is_empty() || existing.published_version_id != existing.draft_version_id
                });
            return Ok(AppliedWorkflow {
                workflow: existing,
                outcome,
                published,
                diff,
            });
        }
        let workflow = match (existing, outcome) {
            (Some(existing), Outcome::Unchanged) => existing,
            (Some(existing), _) => {
                let save = SaveWorkflow {
                    workflow_id: existing.id,
                    name: None,
                    definition: Some(new.definition),
                };
                self.save(permit, save).await?
            }
            (None, _) => self.create(permit, new).await?,
        };
        let published = apply.publish && workflow.published_version_id != workflow.draft_version_id;
        let workflow = match published {
            true => self.publish(permit, workflow.id).await?,
            false => workflow,
        };
        Ok(AppliedWorkflow {
            workflow: Some(workflow),
            outcome,
            published,
            diff,
        })
    }

    /// Makes a new workflow of a file, whatever others are called.
    pub async fn import(
        &self,
        permit: &Permit<EditWorkflows>,
        file: &str,
        name: Option<String>,
    ) -> Result<Workflow, WorkflowError> {
        let mut file = WorkflowFile::read(file).map_err(rejected)?;
        file.name = name.unwrap_or(file.name);
        let new = self.resolved(permit, file, None, &HashMap::new()).await?;
        self.create(permit, new).await
    }

    async fn named(
        &self,
        permit: &Permit<EditWorkflows>,
        name: &str,
    ) -> Result<Option<Workflow>, WorkflowError> {
        let mut found = workflow::named(self.0.store.reader(), &permit.read(), name).await?;
        if found.len() > 1 {
            let message = format!(
                "there are {} workflows called `{name}`, so it is not clear which one is meant; rename all but one",
                found.len()
            );
            return Err(rejected(Problem::new(
                ["file", "name"],
                ProblemCode::Conflict,
                message,
            )));
        }
        Ok(found.pop())
    }

    /// The workflow of a file, with the ids of its apps and the secrets that are missing.
    async fn resolved(
        &self,
        permit: &Permit<EditWorkflows>,
        file: WorkflowFile,
        existing: Option<&Workflow>,
        secrets: &HashMap<String, String>,
    ) -> Result<NewWorkflow, WorkflowError> {
        let (db, read) = (self.0.store.reader(), permit.read());
        let names = file.app_names();
        let apps = match names.is_empty() {
            true => Vec::new(),
            false => connected_app::named(db, &read, &names).await?,
        };
        let mut problems = Vec::new();
        let name = file.name.clone();
        let catalogue = self.0.catalogue.get();
        let provider = |kind: &str| catalogue.get(kind)?.provider.clone();
        let mut definition = file.resolve(&apps, provider, &mut problems);
        if !problems.is_empty() {
            return Err(WorkflowError::Rejected(problems));
        }
        let known = match existing {
            Some(workflow) => inbound_hook::of_workflows(db, &read, &[workflow.id]).await?,
            None => Vec::new(),
        };
        let has_secret = |key: &str| {
            let hook = known
                .iter()
                .find(|hook| hook.node_key.as_deref() == Some(key));
            hook.is_some_and(|hook| hook.sealed_secret.is_some())
        };
        give_secrets(&mut definition, |key| {
            secrets
                .get(key)
                .filter(|_| !has_secret(key))
                .map(String::as_str)
        });
        Ok(NewWorkflow { name, definition })
    }

    /// What the definition would be stored as, checked, and the draft that is there.
    async fn compared(
        &self,
        permit: &Permit<EditWorkflows>,
        new: &NewWorkflow,
        existing: Option<&Workflow>,
    ) -> Result<(Document, Document), WorkflowError> {
        let mut problems = Vec::new();
        let draft = self
            .draft(permit, new.definition.clone(), &mut problems)
            .await?;
        let draft = draft.ok_or(WorkflowError::Rejected(problems))?;
        let before = match existing.and_then(|workflow| workflow.draft_version_id) {
            Some(id) => workflow_version::find(self.0.store.reader(), &permit.read(), id).await?,
            None => None,
        };
        let before = match before {
            Some(version) => document(&version)?,
            None => Document {
                nodes: Vec::new(),
                edges: Vec::new(),
                settings: None,
            },
        };
        Ok((draft.document, before))
    }
}

fn rejected(problem: Problem) -> WorkflowError {
    WorkflowError::Rejected(vec![problem])
}

/// Puts secrets where a webhook says that it has one.
fn give_secrets<'a>(definition: &mut Value, secret: impl Fn(&str) -> Option<&'a str>) {
    let nodes = definition.get_mut("nodes").and_then(Value::as_array_mut);
    for node in nodes.into_iter().flatten() {
        if node["type"] != webhook::NAME || node["config"]["secret"] != json!({"set": true}) {
            continue;
        }
        if let Some(secret) = node["key"].as_str().and_then(&secret) {
            node["config"]["secret"] = secret.into();
        }
    }
}
