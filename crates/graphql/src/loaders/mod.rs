//! What is read for each thing of a list is read for all of them with one statement.

#[macro_use]
mod finder;
mod batch;
mod lazy;
mod lists;
mod unseen;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use futures_util::FutureExt;
use jackfield_connected_apps::{ConnectedApps, Sender, Use, WantedSender};
use jackfield_storage::access::{Permit, Read, ReadAuditLog};
use jackfield_storage::credential_use::{self, CredentialUse, UseFilter};
use jackfield_storage::delivery::DeliveryFilter;
use jackfield_storage::ids::{
    ConnectedAppId, DeliveryId, EventId, EventTypeId, Id, InboundHookId, MessageTemplateId,
    ReplayId, ResourceId, RunId, VariableId, WebhookEndpointId, WorkflowId, WorkflowVersionId,
};
use jackfield_storage::inbound_request::{self, InboundRequest};
use jackfield_storage::rejection::{self, TraceFilter};
use jackfield_storage::replay::ReplayFilter;
use jackfield_storage::workflow_version::VersionFilter;
use jackfield_storage::{
    Store, Timestamp, connected_app, delivery, delivery_attempt, endpoint_health, event,
    event_type, event_type_version, hook_health, inbound_hook, message_template, pin, replay,
    resource, run, step, trigger, variable, variable_version, webhook_endpoint, workflow,
    workflow_version,
};

use jiff::SignedDuration;

use crate::document::FieldNames;
use crate::errors::internal;
use batch::Batch;
use finder::{by, group, group_pairs};
pub use lazy::LazyLoaders;
use lists::Lists;
use unseen::{UNSEEN_OF_ATTEMPTS, UNSEEN_OF_STEPS};
pub use unseen::{UNSEEN_OF_EVENTS, UNSEEN_OF_RUNS};

/// How many deliveries of an event are shown.
const MOST_DELIVERIES: i64 = 100;

/// The loaders of one request, with the permits of its caller.
pub struct Loaders {
    /// The steps of a run, in the order in which they began.
    pub steps: Batch<RunId, Vec<step::Step>>,
    /// A run.
    pub run: Batch<RunId, run::Run>,
    /// A workflow, also a deleted one.
    pub workflow: Batch<WorkflowId, workflow::Workflow>,
    /// A version of a workflow.
    pub version: Batch<WorkflowVersionId, workflow_version::WorkflowVersion>,
    /// The hooks of a workflow.
    pub hooks: Batch<WorkflowId, Vec<inbound_hook::InboundHook>>,
    /// The triggers of a workflow.
    pub triggers: Batch<WorkflowId, Vec<trigger::Trigger>>,
    /// The pins of a workflow's draft.
    pub pins: Batch<WorkflowId, Vec<pin::Pin>>,
    /// The hook of a connected app.
    pub app_hook: Batch<ConnectedAppId, inbound_hook::InboundHook>,
    /// A hook.
    pub hook: Batch<InboundHookId, inbound_hook::InboundHook>,
    /// An event.
    pub event: Batch<EventId, event::Event>,
    /// A type of events.
    pub event_type: Batch<EventTypeId, event_type::EventType>,
    /// The schemas of a type of events, newest first.
    pub event_type_versions: Batch<EventTypeId, Vec<event_type_version::EventTypeVersion>>,
    /// A variable.
    pub variable: Batch<VariableId, variable::Variable>,
    /// The values of a variable, newest first.
    pub variable_versions: Batch<VariableId, Vec<variable_version::VariableVersion>>,
    /// A webhook endpoint, also a deleted one.
    pub endpoint: Batch<WebhookEndpointId, webhook_endpoint::WebhookEndpoint>,
    /// A delivery.
    pub delivery: Batch<DeliveryId, delivery::Delivery>,
    /// The attempts at a delivery, in their order.
    pub attempts: Batch<DeliveryId, Vec<delivery_attempt::DeliveryAttempt>>,
    /// A replay.
    pub replay: Batch<ReplayId, replay::Replay>,
    /// A connected app.
    pub app: Batch<ConnectedAppId, connected_app::ConnectedApp>,
    /// The default app of a provider.
    pub default_app: Batch<String, connected_app::ConnectedApp>,
    /// The apps of a provider, oldest first.
    pub apps_of_provider: Batch<String, Vec<connected_app::ConnectedApp>>,
    /// What uses an app.
    pub app_uses: Batch<ConnectedAppId, Vec<Use>>,
    /// A resource.
    pub resource: Batch<ResourceId, resource::Resource>,
    /// The resources of an app, oldest first.
    pub resources_of_app: Batch<ConnectedAppId, Vec<resource::Resource>>,
    /// What refers to a resource.
    pub resource_uses: Batch<ResourceId, Vec<Use>>,
    /// A message template.
    pub message_template: Batch<MessageTemplateId, message_template::MessageTemplate>,
    /// What sends a message template.
    pub message_template_uses: Batch<MessageTemplateId, Vec<Use>>,
    /// The message templates of which a resource is the chosen sender, oldest first.
    pub message_templates_of: Batch<ResourceId, Vec<message_template::MessageTemplate>>,
    /// What messages are sent from.
    pub senders: Batch<WantedSender, Sender>,
    /// The versions of a workflow.
    pub versions: Lists<VersionFilter, workflow_version::WorkflowVersion>,
    /// A version of a workflow by its number.
    pub version_numbered: Batch<(WorkflowId, i32), workflow_version::WorkflowVersion>,
    /// The deliveries to an endpoint.
    pub deliveries: Lists<DeliveryFilter, delivery::Delivery>,
    /// The first deliveries of an event, which is given with its position.
    pub deliveries_of_event: Batch<(EventId, i64), Vec<delivery::Delivery>>,
    /// The replays to an endpoint.
    pub replays: Lists<ReplayFilter, replay::Replay>,
    /// How well an endpoint did in a stretch of time up to now, with its beginning.
    pub endpoint_health:
        Batch<(WebhookEndpointId, SignedDuration), (Timestamp, endpoint_health::Health)>,
    /// The requests to a hook.
    pub requests: Lists<(InboundHookId, TraceFilter), InboundRequest>,
    /// The traces of a hook.
    pub rejections: Lists<(InboundHookId, TraceFilter), rejection::Rejection>,
    /// When the last request to a hook came.
    pub received_last: Batch<InboundHookId, Option<Timestamp>>,
    /// What became of the requests to a hook in a stretch of time up to now, with its beginning.
    pub hook_health: Batch<(InboundHookId, SignedDuration), (Timestamp, hook_health::Health)>,
    /// What the credentials of an app were used for; none for those who may not read the audit log.
    pub credential_uses: Option<Lists<UseFilter, CredentialUse>>,
}

impl Loaders {
    /// Loaders that read what the permits' holder may read.
    #[expect(clippy::too_many_lines, reason = "one loader after the other")]
    fn new(
        store: Store,
        apps: ConnectedApps,
        permit: Permit<Read>,
        audit: Option<Permit<ReadAuditLog>>,
        fields: &FieldNames,
    ) -> Self {
        Self {
            app_uses: app_uses(store.clone(), apps.clone(), permit.clone()),
            resource_uses: uses_of(apps.clone(), permit.clone()),
            message_template_uses: uses_of(apps.clone(), permit.clone()),
            senders: senders(apps, permit.clone()),
            message_template: loader!(store, permit, message_template::find_many, |rows| {
                by(rows, |row: &message_template::MessageTemplate| row.id)
            }),
            message_templates_of: loader!(
                store,
                permit,
                message_template::of_senders,
                |rows: Vec<message_template::MessageTemplate>| {
                    let rows = rows.into_iter();
                    group_pairs(rows.filter_map(|row| Some((row.sender_id?, row))))
                }
            ),
            steps: loader!(
                store,
                permit,
                step::of_runs_without,
                fields.unseen(&UNSEEN_OF_STEPS),
                |rows| group(rows, |row: &step::Step| row.run_id)
            ),
            run: loader!(
                store,
                permit,
                run::find_many,
                fields.unseen(&UNSEEN_OF_RUNS),
                |rows| by(rows, |row: &run::Run| row.id)
            ),
            workflow: loader!(store, permit, workflow::find_many, |rows| by(
                rows,
                |row: &workflow::Workflow| row.id
            )),
            version: loader!(store, permit, workflow_version::find_many, |rows| {
                by(rows, |row: &workflow_version::WorkflowVersion| row.id)
            }),
            hooks: loader!(store, permit, inbound_hook::of_workflows, |rows: Vec<
                inbound_hook::InboundHook,
            >| {
                let rows = rows.into_iter();
                let rows = rows.filter_map(|row| Some((row.workflow_id?, row)));
                group_pairs(rows)
            }),
            app_hook: loader!(store, permit, inbound_hook::of_apps, |rows: Vec<
                inbound_hook::InboundHook,
            >| {
                let rows = rows.into_iter();
                rows.filter_map(|row| Some((row.connected_app_id?, row)))
                    .collect()
            }),
            triggers: loader!(store, permit, trigger::of_workflows, |rows| {
                group(rows, |row: &trigger::Trigger| row.workflow_id)
            }),
            pins: loader!(store, permit, pin::of_workflows, |rows| {
                group(rows, |row: &pin::Pin| row.workflow_id)
            }),
            hook: loader!(store, permit, inbound_hook::find_many, |rows| by(
                rows,
                |row: &inbound_hook::InboundHook| row.id
            )),
            event: loader!(
                store,
                permit,
                event::find_many,
                fields.unseen(&UNSEEN_OF_EVENTS),
                |rows| by(rows, |row: &event::Event| row.id)
            ),
            event_type: loader!(store, permit, event_type::find_many, |rows| {
                by(rows, |row: &event_type::EventType| row.id)
            }),
            event_type_versions: loader!(store, permit, event_type_version::of_types, |rows| {
                group(rows, |row: &event_type_version::EventTypeVersion| {
                    row.event_type_id
                })
            }),
            variable: loader!(store, permit, variable::find_many, |rows| by(
                rows,
                |row: &variable::Variable| row.id
            )),
            variable_versions: loader!(store, permit, variable_version::of_variables, |rows| {
                group(rows, |row: &variable_version::VariableVersion| {
                    row.variable_id
                })
            }),
            endpoint: loader!(store, permit, webhook_endpoint::find_many, |rows| {
                by(rows, |row: &webhook_endpoint::WebhookEndpoint| row.id)
            }),
            delivery: loader!(store, permit, delivery::find_many, |rows| by(
                rows,
                |row: &delivery::Delivery| row.id
            )),
            attempts: loader!(
                store,
                permit,
                delivery_attempt::of_deliveries_without,
                fields.unseen(&UNSEEN_OF_ATTEMPTS),
                |rows| group(rows, |row: &delivery_attempt::DeliveryAttempt| {
                    row.delivery_id
                })
            ),
            replay: loader!(store, permit, replay::find_many, |rows| by(
                rows,
                |row: &replay::Replay| row.id
            )),
            app: loader!(store, permit, connected_app::find_many, |rows| {
                by(rows, |row: &connected_app::ConnectedApp| row.id)
            }),
            default_app: loader!(store, permit, connected_app::defaults, |rows| {
                by(rows, |row: &connected_app::ConnectedApp| {
                    row.provider.clone()
                })
            }),
            apps_of_provider: loader!(store, permit, connected_app::of_providers, |rows| {
                group(rows, |row: &connected_app::ConnectedApp| {
                    row.provider.clone()
                })
            }),
            resource: loader!(store, permit, resource::find_many, |rows| by(
                rows,
                |row: &resource::Resource| row.id
            )),
            resources_of_app: loader!(store, permit, resource::of_apps, |rows| {
                group(rows, |row: &resource::Resource| row.app_id)
            }),
            versions: lists!(
                store,
                permit,
                workflow_version::pages,
                workflow_version::counts
            ),
            version_numbered: loader!(store, permit, workflow_version::numbered, |rows| {
                by(rows, |row: &workflow_version::WorkflowVersion| {
                    (row.workflow_id, row.number)
                })
            }),
            deliveries: lists!(store, permit, delivery::pages, delivery::counts),
            deliveries_of_event: deliveries_of_event(store.clone(), permit.clone()),
            replays: lists!(store, permit, replay::pages, replay::counts),
            endpoint_health: health!(store, permit, endpoint_health::since),
            requests: lists!(
                store,
                permit,
                inbound_request::pages,
                inbound_request::counts
            ),
            rejections: lists!(store, permit, rejection::pages, rejection::counts),
            received_last: in_order!(store, permit, inbound_request::received_last),
            hook_health: health!(store, permit, hook_health::since),
            credential_uses: audit
                .map(|audit| lists!(store, audit, credential_use::pages, credential_use::counts)),
        }
    }
}

fn deliveries_of_event(
    store: Store,
    permit: Permit<Read>,
) -> Batch<(EventId, i64), Vec<delivery::Delivery>> {
    Batch::new(move |events: Vec<(EventId, i64)>| {
        let (store, permit) = (store.clone(), permit.clone());
        async move {
            let found = delivery::of_events(store.reader(), &permit, &events, MOST_DELIVERIES);
            let found = found.await.map_err(internal)?;
            Ok(events.into_iter().zip(found).collect())
        }
        .boxed()
    })
}

fn app_uses(
    store: Store,
    apps: ConnectedApps,
    permit: Permit<Read>,
) -> Batch<ConnectedAppId, Vec<Use>> {
    Batch::new(move |ids: Vec<ConnectedAppId>| {
        let (store, apps, permit) = (store.clone(), apps.clone(), permit.clone());
        async move {
            let rows = connected_app::find_many(store.reader(), &permit, &ids).await;
            let rows = rows.map_err(internal)?;
            apps.uses_of_apps(&permit, &rows).await.map_err(internal)
        }
        .boxed()
    })
}

fn uses_of<I: Id + Hash + Send + Sync + 'static>(
    apps: ConnectedApps,
    permit: Permit<Read>,
) -> Batch<I, Vec<Use>> {
    Batch::new(move |ids: Vec<I>| {
        let (apps, permit) = (apps.clone(), permit.clone());
        async move { apps.uses_of(&permit, &ids).await.map_err(internal) }.boxed()
    })
}

fn senders(apps: ConnectedApps, permit: Permit<Read>) -> Batch<WantedSender, Sender> {
    Batch::new(move |wanted: Vec<WantedSender>| {
        let (apps, permit) = (apps.clone(), permit.clone());
        async move { apps.senders(&permit, &wanted).await.map_err(internal) }.boxed()
    })
}
