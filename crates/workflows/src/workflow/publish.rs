use std::time::Duration;

use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::WorkflowId;
use jackfield_storage::inbound_hook::{self, InboundHook};
use jackfield_storage::poll::{self, Poll};
use jackfield_storage::run;
use jackfield_storage::sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use jackfield_storage::trigger::{self, PluginTrigger, TriggerKind};
use jackfield_storage::workflow::{self, Workflow};
use jackfield_storage::workflow_version::{self, WorkflowVersion};
use jackfield_storage::{Call, Json, Problem, ProblemCode, Timestamp};
use serde_json::{Map, Value};

use super::{WorkflowError, Workflows, apps, hooks, templates, update};
use crate::definition::{Definition, Document, Node};
use crate::nodes::event;
use crate::nodes::schedule::Schedule;
use crate::nodes::{Behaviour, Trigger};

impl Workflows {
    /// Publishes the draft: from the commit on its triggers start runs of it, and those of the version before do not.
    pub async fn publish(
        &self,
        permit: &Permit<EditWorkflows>,
        id: WorkflowId,
    ) -> Result<Workflow, WorkflowError> {
        let (permit, workflows) = (permit.clone(), self.clone());
        self.0
            .store
            .writer()
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let found = workflow::find(call.db(), &permit.read(), id).await?;
                    let before = found.ok_or(WorkflowError::NotFound(id))?;
                    let mut workflow = before.clone();
                    let draft = workflow.draft_version_id.ok_or_else(no_draft)?;
                    let version = workflow_version::find(call.db(), &permit.read(), draft).await?;
                    let mut version = version.ok_or_else(no_draft)?;
                    let (document, definition) =
                        workflows.check_again(call, &permit, &version).await?;
                    let hooks = hooks::publish(call, &permit, id, Some(&document)).await?;
                    let listened = listened(call, &permit, &definition).await?;
                    let hooks = (&hooks[..], &listened[..]);
                    let triggers = triggers(&document, &definition, &version, hooks, call.now());
                    let polls = polls(&definition, &version, call.now());
                    trigger::replace(call.db(), &permit, id, triggers).await?;
                    poll::replace(call, &permit, id, polls).await?;
                    let concurrency = definition.settings().concurrency.as_ref();
                    run::relimit(call, id, concurrency.map(|limited| limited.limit)).await?;
                    version.published_at = Some(call.now());
                    let published =
                        workflow_version::Entity::update(version.into_active_model().reset_all());
                    published.exec(call.db()).await?;
                    workflow.published_version_id = Some(draft);
                    update(call, "published", &before, workflow).await
                })
            })
            .await
    }

    /// A definition that was good when it was saved may need a plugin, a connected app or a message template that is gone.
    async fn check_again(
        &self,
        call: &Call,
        permit: &Permit<EditWorkflows>,
        version: &WorkflowVersion,
    ) -> Result<(Document, Definition), WorkflowError> {
        let checked = Definition::parse(&version.definition.value(), &self.0.catalogue.get());
        let (document, definition) = checked.map_err(WorkflowError::Rejected)?;
        let (read, mut problems) = (permit.read(), Vec::new());
        apps::check(call.db(), &read, &definition, &mut problems).await?;
        templates::check(call.db(), &read, &definition, &mut problems).await?;
        match problems.is_empty() {
            true => Ok((document, definition)),
            false => Err(WorkflowError::Rejected(problems)),
        }
    }
}

/// The hooks of the apps to which triggers listen.
async fn listened(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    definition: &Definition,
) -> Result<Vec<InboundHook>, WorkflowError> {
    let listens = |node: &Node| matches!(node.kind.behaviour, Behaviour::Trigger(Trigger::Plugin));
    let listeners = definition.nodes().filter(|(_, node)| listens(node));
    let listeners: Vec<_> = listeners
        .filter_map(|(index, node)| Some((index, node.connected_app?)))
        .collect();
    let apps: Vec<_> = listeners.iter().map(|(_, app)| *app).collect();
    if apps.is_empty() {
        return Ok(Vec::new());
    }
    let hooks = inbound_hook::of_apps(call.db(), &permit.read(), &apps).await?;
    let without = |app| hooks.iter().all(|hook| hook.connected_app_id != Some(app));
    let problems = listeners
        .into_iter()
        .filter(|(_, app)| without(*app))
        .map(|(index, app)| {
            let index = index.index().to_string();
            let field = ["definition", "nodes", &index, "connectedAppId"];
            let message = format!("{app} has no webhook yet: make one with `createInboundHook`");
            Problem::new(field, ProblemCode::Conflict, message)
        });
    let problems: Vec<Problem> = problems.collect();
    match problems.is_empty() {
        true => Ok(hooks),
        false => Err(WorkflowError::Rejected(problems)),
    }
}

/// Where those triggers begin that are asked.
fn polls(definition: &Definition, version: &WorkflowVersion, now: Timestamp) -> Vec<Poll> {
    let poll = |node: &Node| {
        let Behaviour::Trigger(Trigger::Poll { usual, .. }) = node.kind.behaviour else {
            return None;
        };
        let usual = Duration::from_secs(usual.max(1).into());
        let interval = node.interval.unwrap_or(usual).as_micros();
        Some(Poll {
            workflow_id: version.workflow_id,
            node_key: node.key.to_string(),
            workspace_id: version.workspace_id,
            node_type: node.kind.name.clone(),
            app_id: node.connected_app,
            cursor: None,
            interval: i64::try_from(interval).unwrap_or(i64::MAX),
            failures: 0,
            due_at: now,
            fence: now.as_micros(),
        })
    };
    let triggers = definition.triggers();
    triggers.filter_map(|(_, node)| poll(node)).collect()
}

/// What is kept of a trigger that a plugin brings.
fn plugin(document: &Document, node: &Node) -> Option<Json> {
    let written = document
        .nodes
        .iter()
        .find(|of| of.key == *node.key.as_str())?;
    let kept = PluginTrigger {
        node_type: node.kind.name.clone(),
        config: written.config.clone(),
        app: node.connected_app,
        provider: node.kind.provider.clone(),
        needs_app: node.kind.provider_required,
        event_types: node.kind.event_types.clone(),
    };
    Json::of(&kept).ok()
}

fn triggers(
    document: &Document,
    definition: &Definition,
    version: &WorkflowVersion,
    (hooks, listened): (&[InboundHook], &[InboundHook]),
    now: Timestamp,
) -> Vec<trigger::Trigger> {
    let settings = definition.settings();
    let limited = settings.concurrency.as_ref();
    let concurrency = limited.and_then(|limited| Json::of(limited).ok());
    let row = |key: &str, kind, hook_id| trigger::Trigger {
        workflow_id: version.workflow_id,
        node_key: key.to_owned(),
        workspace_id: version.workspace_id,
        workflow_version_id: version.id,
        kind,
        hook_id,
        match_key: None,
        config: Json::from(Value::Object(Map::new())),
        next_at: None,
        error: None,
        error_at: None,
        priority: settings.priority,
        concurrency: concurrency.clone(),
    };
    let config = |key: &str| {
        let node = document.nodes.iter().find(|node| node.key == key)?;
        Some(Json::from(Value::Object(node.config.clone())))
    };
    definition
        .triggers()
        .filter_map(|(_, node)| {
            let key = node.key.as_str();
            match node.kind.behaviour {
                Behaviour::Trigger(Trigger::Manual) => Some(row(key, TriggerKind::Manual, None)),
                Behaviour::Trigger(Trigger::Webhook) => {
                    let hook = hooks
                        .iter()
                        .find(|hook| hook.node_key.as_deref() == Some(key))?;
                    Some(row(key, TriggerKind::Webhook, Some(hook.id)))
                }
                Behaviour::Trigger(Trigger::Event) => Some(trigger::Trigger {
                    config: event::with_app(config(key)?, node.connected_app),
                    ..row(key, TriggerKind::Event, None)
                }),
                Behaviour::Trigger(Trigger::Schedule) => {
                    let config = config(key)?;
                    let schedule = Schedule::read(&config).ok()?;
                    Some(trigger::Trigger {
                        config,
                        next_at: schedule.after(now),
                        ..row(key, TriggerKind::Schedule, None)
                    })
                }
                Behaviour::Trigger(Trigger::Plugin) => {
                    let hook = listened
                        .iter()
                        .find(|hook| hook.connected_app_id == node.connected_app)?;
                    Some(trigger::Trigger {
                        config: plugin(document, node)?,
                        ..row(key, TriggerKind::Plugin, Some(hook.id))
                    })
                }
                Behaviour::Trigger(Trigger::Poll { .. }) => Some(trigger::Trigger {
                    config: plugin(document, node)?,
                    next_at: Some(now),
                    ..row(key, TriggerKind::Poll, None)
                }),
                _ => None,
            }
        })
        .collect()
}

fn no_draft() -> WorkflowError {
    let message = "there is nothing to publish; save a definition first";
    WorkflowError::Rejected(vec![Problem::new(
        ["workflowId"],
        ProblemCode::Conflict,
        message,
    )])
}
