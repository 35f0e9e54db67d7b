//! From what a client sends to what can be written.

use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::{WorkflowId, WorkflowVersionId};
use jackfield_storage::sea_orm::{EntityTrait, IntoActiveModel};
use jackfield_storage::workflow_version::{self, WorkflowVersion};
use jackfield_storage::{Call, Json, Problem, ProblemCode};
use serde_json::Value;

use super::{WorkflowError, Workflows, apps, hooks, templates};
use crate::definition::{Definition, Document};
use crate::nodes::webhook::{Secrets, take_secrets};

/// The longest name, in characters.
const MAX_NAME: usize = 200;

/// A checked definition that is not saved yet.
pub(super) struct Draft {
    pub document: Document,
    pub secrets: Secrets,
}

/// Checks a workflow's name.
pub(super) fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Problem::new(
            ["name"],
            ProblemCode::Required,
            "the name is missing",
        )),
        length if length > MAX_NAME => {
            let message =
                format!("the name is {length} characters long, but may have at most {MAX_NAME}");
            Err(Problem::new(["name"], ProblemCode::TooLarge, message))
        }
        _ => Ok(name.to_owned()),
    }
}

impl Workflows {
    /// Checks everything about a definition that can be checked before the transaction.
    pub(super) async fn draft(
        &self,
        permit: &Permit<EditWorkflows>,
        mut definition: Value,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Draft>, WorkflowError> {
        let secrets = take_secrets(&mut definition);
        let (document, checked) = match Definition::parse(&definition, &self.0.catalogue.get()) {
            Ok(parsed) => parsed,
            Err(found) => {
                problems.extend(found);
                return Ok(None);
            }
        };
        let before = problems.len();
        hooks::check_secrets(&document, &secrets, problems);
        let (db, read) = (self.0.store.reader(), permit.read());
        apps::check(db, &read, &checked, problems).await?;
        templates::check(db, &read, &checked, problems).await?;
        Ok((problems.len() == before).then_some(Draft { document, secrets }))
    }
}

/// Writes a definition as the next version of its workflow.
pub(super) async fn write_version(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    workflow: WorkflowId,
    id: WorkflowVersionId,
    document: &Document,
) -> Result<WorkflowVersion, WorkflowError> {
    let latest = workflow_version::latest(call.db(), &permit.read(), workflow).await?;
    let definition =
        Json::of(document).map_err(|error| WorkflowError::Damaged(id, error.to_string()))?;
    let version = WorkflowVersion {
        id,
        workspace_id: permit.workspace(),
        workflow_id: workflow,
        number: latest.map_or(0, |version| version.number) + 1,
        definition,
        created_at: call.now(),
        published_at: None,
    };
    let insert = workflow_version::Entity::insert(version.clone().into_active_model());
    insert.exec_without_returning(call.db()).await?;
    Ok(version)
}
