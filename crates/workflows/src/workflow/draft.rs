//! From what a client sends to what can be written.

use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::{WorkflowId, WorkflowVersionId};
use jackfield_storage::sea_orm::{EntityTrait, IntoActiveModel};
use jackfield_storage::workflow_version::{self, WorkflowVersion};
use jackfield_storage::{Call, Json, Problem, ProblemCode, connected_app};
use serde_json::Value;

use super::{WorkflowError, Workflows, hooks};
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
        self.check_apps(permit, &checked, problems).await?;
        Ok((problems.len() == before).then_some(Draft { document, secrets }))
    }

    /// A connected app has to be there, and to be one of the node's provider.
    async fn check_apps(
        &self,
        permit: &Permit<EditWorkflows>,
        definition: &Definition,
        problems: &mut Vec<Problem>,
    ) -> Result<(), WorkflowError> {
        let ids: Vec<_> = definition
            .nodes()
            .filter_map(|(_, node)| node.connected_app)
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let apps = connected_app::find_many(self.0.store.reader(), &permit.read(), &ids).await?;
        for (index, node) in definition.nodes() {
            let Some(id) = node.connected_app else {
                continue;
            };
            let field = [
                "definition",
                "nodes",
                &index.index().to_string(),
                "connectedAppId",
            ];
            match (apps.iter().find(|app| app.id == id), &node.kind.provider) {
                (None, _) => {
                    let message = format!(
                        "there is no connected app {id}; see connectedApps for those there are"
                    );
                    problems.push(Problem::new(field, ProblemCode::NotFound, message));
                }
                (Some(_), None) => {
                    let message = format!(
                        "a node of type `{}` uses no connected app; remove it",
                        node.kind.name
                    );
                    problems.push(Problem::new(field, ProblemCode::Invalid, message));
                }
                (Some(app), Some(provider)) if app.provider != *provider => {
                    let message = format!(
                        "`{}` is an app of `{}`, but the node needs one of `{provider}`",
                        app.name, app.provider
                    );
                    problems.push(Problem::new(field, ProblemCode::Invalid, message));
                }
                _ => {}
            }
        }
        Ok(())
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
