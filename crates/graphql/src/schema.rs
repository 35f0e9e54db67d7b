use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder};
use jackfield_storage::access::{Principal, Read};

use crate::document::{Documents, FieldNames};
use crate::guard::{ConnectionFields, Limits};
use crate::loaders::LazyLoaders;
use crate::request::{Cohorts, FieldTypes};
use crate::services::Services;
use crate::{
    api_key, audit_log, connected_app, credential_use, delivery, event, event_type, expression,
    inbound_hook, invitation, message_template, node, node_type, plugin, provider, replay,
    resource, run, secret, session, step, user, variable, viewer, webhook_endpoint, workflow,
    workspace,
};

/// Everything that can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    node::FindNode,
    viewer::FindViewer,
    workflow::FindWorkflow,
    workflow::ListWorkflows,
    run::FindRun,
    run::ListRuns,
    event::FindEvent,
    event::ListEvents,
    event_type::ListEventTypes,
    webhook_endpoint::FindWebhookEndpoint,
    webhook_endpoint::ListWebhookEndpoints,
    delivery::FindDelivery,
    delivery::ListDeliveries,
    plugin::ListPlugins,
    provider::ListProviders,
    node_type::ListNodeTypes,
    connected_app::FindConnectedApp,
    connected_app::ListConnectedApps,
    resource::FindResource,
    resource::ListResources,
    message_template::FindMessageTemplate,
    message_template::ListMessageTemplates,
    message_template::PreviewMessageTemplate,
    api_key::ListApiKeys,
    variable::ListVariables,
    user::ListUsers,
    invitation::ListInvitations,
    audit_log::ListAuditLog,
    credential_use::ListCredentialUses,
    expression::EvaluateExpression,
    expression::ListExpressionHelpers,
);

/// Everything that can be changed. A mutation takes one `input`; mistakes in it are `userErrors` of the payload.
// In groups, because whoever answers a field is asked within the one before: one long list overflows the stack.
#[derive(MergedObject, Default)]
pub struct Mutation(
    Workflows,
    Runs,
    Events,
    Webhooks,
    Apps,
    MessageTemplates,
    Accounts,
    Workspaces,
);

/// What is changed about workflows.
#[derive(MergedObject, Default)]
pub struct Workflows(
    workflow::CreateWorkflow,
    workflow::SaveWorkflow,
    workflow::PublishWorkflow,
    workflow::UnpublishWorkflow,
    workflow::DeleteWorkflow,
    workflow::RestoreWorkflowVersion,
    workflow::ImportWorkflow,
    workflow::ApplyWorkflow,
    workflow::TestNode,
    workflow::PinNode,
    workflow::UnpinNode,
    workflow::TestWorkflow,
);

/// What is done with runs.
#[derive(MergedObject, Default)]
pub struct Runs(
    run::StartRun,
    run::CancelRun,
    step::ResolveStep,
    step::DecideApproval,
    run::Rerun,
    run::RerunMany,
);

/// Publishing, and its catalogue.
#[derive(MergedObject, Default)]
pub struct Events(
    event::PublishEvent,
    event::PublishManyEvents,
    event_type::CreateEventType,
    event_type::UpdateEventType,
    event_type::ArchiveEventType,
    event_type::UnarchiveEventType,
    event_type::ImportEventTypes,
);

/// What goes to webhook endpoints.
#[derive(MergedObject, Default)]
pub struct Webhooks(
    webhook_endpoint::CreateWebhookEndpoint,
    webhook_endpoint::UpdateWebhookEndpoint,
    webhook_endpoint::DeleteWebhookEndpoint,
    webhook_endpoint::RotateWebhookSecret,
    webhook_endpoint::SendTestEvent,
    delivery::ResendDelivery,
    replay::ReplayEvents,
    replay::PauseReplay,
    replay::ResumeReplay,
    replay::CancelReplay,
);

/// Connected apps, with what belongs to them.
#[derive(MergedObject, Default)]
pub struct Apps(
    connected_app::ConnectApp,
    connected_app::UpdateConnectedApp,
    connected_app::SetConnectedAppActive,
    connected_app::SetDefaultConnectedApp,
    connected_app::CheckConnectedApp,
    connected_app::DisconnectApp,
    connected_app::StartOAuth,
    resource::CreateResource,
    resource::UpdateResource,
    resource::SetDefaultResource,
    resource::VerifyResource,
    resource::DeleteResource,
    resource::ImportResources,
    inbound_hook::ChangeInboundHooks,
);

/// The messages that steps send.
#[derive(MergedObject, Default)]
pub struct MessageTemplates(
    message_template::CreateMessageTemplate,
    message_template::UpdateMessageTemplate,
    message_template::DeleteMessageTemplate,
);

/// Who may do what.
#[derive(MergedObject, Default)]
pub struct Accounts(
    api_key::CreateApiKey,
    api_key::RotateApiKey,
    api_key::RevokeApiKey,
    invitation::InviteUser,
    invitation::RevokeInvitation,
    invitation::AcceptInvitation,
    session::SignIn,
    session::RefreshSession,
    session::SwitchWorkspace,
    session::SignOut,
    user::ChangePassword,
    user::ResetPassword,
    user::ChangeUserRole,
    user::DeactivateUser,
    user::ReactivateUser,
    viewer::CreateSessionToken,
);

/// The workspace itself.
#[derive(MergedObject, Default)]
pub struct Workspaces(
    workspace::UpdateWorkspace,
    secret::ResealSecrets,
    variable::SetVariable,
    variable::DeleteVariable,
    workspace::CreateWorkspace,
);

/// Everything that can be followed without a gap: what came after a cursor first, then what comes.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    run::FollowRun,
    event::FollowEvents,
    delivery::FollowDeliveries,
    resource::FollowResources,
    message_template::FollowMessageTemplates,
);

type Executable = Schema<Query, Mutation, Subscription>;

/// The API, ready to execute requests. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    schema: Executable,
    services: Services,
    connection_fields: Arc<ConnectionFields>,
    field_types: Arc<OnceLock<FieldTypes>>,
    limits: Limits,
    documents: Arc<Documents>,
    query_timeout: Duration,
    cohorts: Cohorts,
}

/// What an operator decides about requests.
pub struct ApiConfig {
    /// The documents that the server knows.
    pub documents: Documents,
    /// How long a query may take.
    pub query_timeout: Duration,
}

const READS_SDL: &str = "the library reads the SDL that it has written";

/// Builds the API over these services.
pub fn build(services: Services, config: ApiConfig) -> Api {
    let schema = builder().data(services.clone()).finish();
    let sdl = schema.sdl();
    let connection_fields = ConnectionFields::from_sdl(&sdl);
    Api {
        schema,
        services,
        connection_fields: Arc::new(connection_fields.expect(READS_SDL)),
        field_types: Arc::default(),
        limits: Limits::default(),
        documents: Arc::new(config.documents),
        query_timeout: config.query_timeout,
        cohorts: Cohorts::default(),
    }
}

/// The schema in the schema definition language, in a stable order.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .use_space_ident();
    let sdl = builder().finish().sdl_with_options(options);
    let lines: Vec<&str> = sdl.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim())
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .disable_suggestions()
}

impl Api {
    pub(crate) fn schema(&self) -> &Executable {
        &self.schema
    }

    pub(crate) fn cohorts(&self) -> &Cohorts {
        &self.cohorts
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn documents(&self) -> &Documents {
        &self.documents
    }

    pub(crate) fn query_timeout(&self) -> Duration {
        self.query_timeout
    }

    /// Only an answer with errors asks for them.
    pub(crate) fn field_types(&self) -> &FieldTypes {
        let read = || FieldTypes::from_sdl(&self.schema.sdl()).expect(READS_SDL);
        self.field_types.get_or_init(read)
    }

    pub(crate) fn connection_fields(&self) -> &ConnectionFields {
        &self.connection_fields
    }

    /// The loaders of one request; none for a caller who may read nothing.
    pub(crate) fn loaders(
        &self,
        principal: Option<&Principal>,
        fields: &FieldNames,
    ) -> Option<LazyLoaders> {
        let permit = principal?.permit::<Read>().ok()?;
        let audit = principal?.permit().ok();
        let fields = fields.clone();
        Some(LazyLoaders::new(&self.services, permit, audit, fields))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

    use super::*;

    #[test]
    fn everything_has_a_description() {
        let document = parse_schema(sdl()).unwrap();
        let mut bare = Vec::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let kind = definition.node;
            let mut note = |described: bool, name: &str| {
                if !described {
                    bare.push(format!("{} {name}", kind.name.node));
                }
            };
            note(kind.description.is_some(), "");
            match &kind.kind {
                TypeKind::Object(object) => object.fields.iter().for_each(|field| {
                    note(field.node.description.is_some(), &field.node.name.node);
                    field.node.arguments.iter().for_each(|argument| {
                        note(
                            argument.node.description.is_some(),
                            &argument.node.name.node,
                        )
                    });
                }),
                TypeKind::Interface(interface) => {
                    interface.fields.iter().for_each(|field| {
                        note(field.node.description.is_some(), &field.node.name.node)
                    });
                }
                TypeKind::Enum(values) => {
                    values.values.iter().for_each(|value| {
                        note(value.node.description.is_some(), &value.node.value.node)
                    });
                }
                TypeKind::InputObject(input) => {
                    input.fields.iter().for_each(|field| {
                        note(field.node.description.is_some(), &field.node.name.node)
                    });
                }
                TypeKind::Scalar | TypeKind::Union(_) => {}
            }
        }
        assert_eq!(bare, Vec::<String>::new());
    }

    #[test]
    fn the_sdl_is_stable() {
        assert_eq!(sdl(), sdl());
    }
}
