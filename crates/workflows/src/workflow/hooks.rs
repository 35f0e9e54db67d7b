//! The hooks of a workflow's webhook nodes.

use jackfield_connected_apps::{HookSecrets, Sealer};
use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::WorkflowId;
use jackfield_storage::inbound_hook::{self, InboundHook};
use jackfield_storage::sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use jackfield_storage::{Call, Clock, Json, Problem, ProblemCode};

use super::WorkflowError;
use super::draft::Draft;
use crate::definition::{Document, NodeDocument};
use crate::nodes::webhook::{self, Secrets};

/// Whether each new secret is one that its scheme can work with.
pub(super) fn check_secrets(document: &Document, secrets: &Secrets, problems: &mut Vec<Problem>) {
    for (index, secret) in secrets {
        let Ok(config) = webhook::hook_config(&document.nodes[*index].config) else {
            continue;
        };
        if let Err(error) = HookSecrets::parse(&config, secret) {
            problems.push(Problem::new(
                secret_path(*index),
                ProblemCode::InvalidConfig,
                error.to_string(),
            ));
        }
    }
}

/// Makes the hooks that are missing and seals the secrets that are new. A node that says `{"set": true}` has to have a
/// secret already.
pub(super) async fn save(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    workflow: WorkflowId,
    draft: &Draft,
    sealer: &Sealer,
    clock: &Clock,
) -> Result<(), WorkflowError> {
    let existing = inbound_hook::of_workflows(call.db(), &permit.read(), &[workflow]).await?;
    for (index, node) in webhooks(&draft.document) {
        let known = existing
            .iter()
            .find(|hook| hook.node_key.as_ref() == Some(&node.key));
        let mut hook = match known {
            Some(hook) => hook.clone(),
            None => new_hook(permit, workflow, node, clock, call)?,
        };
        let config = config(node)?;
        if let Some(secret) = draft.secrets.get(&index) {
            let secrets = HookSecrets::parse(&config, secret).map_err(|error| {
                rejected(
                    secret_path(index),
                    ProblemCode::InvalidConfig,
                    error.to_string(),
                )
            })?;
            hook.sealed_secret = secrets
                .map(|secrets| secrets.seal(sealer, hook.workspace_id, hook.id))
                .transpose()?;
        } else if webhook::has_secret(&node.config) && hook.sealed_secret.is_none() {
            let message = "there is no secret yet that could be kept; give one";
            return Err(rejected(secret_path(index), ProblemCode::Required, message));
        }
        match known {
            None => {
                let insert = inbound_hook::Entity::insert(hook.into_active_model());
                insert.exec_without_returning(call.db()).await?;
            }
            Some(known) if *known != hook => update(call, hook).await?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// Puts the hooks in order for a published version: those of its webhook nodes are active with its config, the others
/// are not. Returns the active ones.
pub(super) async fn publish(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    workflow: WorkflowId,
    document: Option<&Document>,
) -> Result<Vec<InboundHook>, WorkflowError> {
    let mut active = Vec::new();
    for known in inbound_hook::of_workflows(call.db(), &permit.read(), &[workflow]).await? {
        let mut hook = known.clone();
        let node = document.and_then(|document| {
            webhooks(document)
                .map(|(_, node)| node)
                .find(|node| Some(&node.key) == hook.node_key.as_ref())
        });
        hook.active = node.is_some();
        if let Some(node) = node {
            hook.config = stored_config(node)?;
            if !webhook::has_secret(&node.config) {
                hook.sealed_secret = None;
            }
            active.push(hook.clone());
        }
        if known != hook {
            update(call, hook).await?;
        }
    }
    Ok(active)
}

fn webhooks(document: &Document) -> impl Iterator<Item = (usize, &NodeDocument)> {
    document
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.kind == webhook::NAME)
}

fn new_hook(
    permit: &Permit<EditWorkflows>,
    workflow: WorkflowId,
    node: &NodeDocument,
    clock: &Clock,
    call: &Call,
) -> Result<InboundHook, WorkflowError> {
    Ok(InboundHook {
        id: clock.id(),
        workspace_id: permit.workspace(),
        workflow_id: Some(workflow),
        node_key: Some(node.key.clone()),
        token: inbound_hook::new_token(clock),
        config: stored_config(node)?,
        sealed_secret: None,
        active: false,
        created_at: call.now(),
        connected_app_id: None,
        previous_token: None,
        previous_token_until: None,
        revision: 0,
    })
}

async fn update(call: &Call, hook: InboundHook) -> Result<(), WorkflowError> {
    let update = inbound_hook::Entity::update(hook.into_active_model().reset_all());
    update.exec(call.db()).await?;
    Ok(())
}

fn config(node: &NodeDocument) -> Result<inbound_hook::HookConfig, WorkflowError> {
    webhook::hook_config(&node.config).map_err(|error| {
        let message = format!(
            "the config of webhook `{}` cannot be read: {error}",
            node.key
        );
        rejected(
            vec!["definition".to_owned()],
            ProblemCode::InvalidConfig,
            message,
        )
    })
}

fn stored_config(node: &NodeDocument) -> Result<Json, WorkflowError> {
    Json::of(&config(node)?).map_err(|error| {
        rejected(
            vec!["definition".to_owned()],
            ProblemCode::InvalidConfig,
            error.to_string(),
        )
    })
}

fn secret_path(index: usize) -> Vec<String> {
    [
        "definition",
        "nodes",
        &index.to_string(),
        "config",
        "secret",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn rejected(field: Vec<String>, code: ProblemCode, message: impl Into<String>) -> WorkflowError {
    WorkflowError::Rejected(vec![Problem::new(field, code, message)])
}
