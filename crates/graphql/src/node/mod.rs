//! Whatever has an id can be found by it alone.

mod find;

use async_graphql::{ID, Interface};

use crate::api_key::ApiKey;
use crate::audit_log::AuditEntry;
use crate::connected_app::ConnectedApp;
use crate::credential_use::CredentialUse;
use crate::delivery::{Delivery, DeliveryAttempt};
use crate::event::Event;
use crate::event_type::EventType;
use crate::inbound_hook::{InboundHook, InboundRequest, Rejection};
use crate::invitation::Invitation;
use crate::message_template::MessageTemplate;
use crate::node_type::NodeType;
use crate::plugin::Plugin;
use crate::provider::Provider;
use crate::replay::Replay;
use crate::resource::Resource;
use crate::run::Run;
use crate::step::Step;
use crate::user::User;
use crate::variable::Variable;
use crate::webhook_endpoint::WebhookEndpoint;
use crate::workflow::{Workflow, WorkflowVersion};
use crate::workspace::Workspace;
pub use find::FindNode;

/// Something with an id that is unique among everything.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id. Clients cannot tell anything from it."
))]
pub enum Node {
    /// A tenant.
    Workspace(Workspace),
    /// An API key.
    ApiKey(ApiKey),
    /// A user.
    User(User),
    /// An invitation.
    Invitation(Invitation),
    /// An entry of the audit log.
    AuditEntry(AuditEntry),
    /// An event.
    Event(Event),
    /// A type of events.
    EventType(EventType),
    /// A webhook endpoint.
    WebhookEndpoint(WebhookEndpoint),
    /// A delivery.
    Delivery(Delivery),
    /// An attempt at a delivery.
    DeliveryAttempt(DeliveryAttempt),
    /// A replay.
    Replay(Replay),
    /// A plugin.
    Plugin(Plugin),
    /// A provider.
    Provider(Provider),
    /// A node type.
    NodeType(NodeType),
    /// A connected app.
    ConnectedApp(ConnectedApp),
    /// A use of the credentials of a connected app.
    CredentialUse(CredentialUse),
    /// A resource of a connected app.
    Resource(Resource),
    /// A message template.
    MessageTemplate(MessageTemplate),
    /// The address of a `webhook` trigger.
    InboundHook(InboundHook),
    /// A request that came to such an address.
    InboundRequest(Box<InboundRequest>),
    /// One that was turned away.
    InboundRejection(Rejection),
    /// A variable.
    Variable(Variable),
    /// A workflow.
    Workflow(Workflow),
    /// A version of a workflow.
    WorkflowVersion(WorkflowVersion),
    /// A run.
    Run(Run),
    /// A step.
    Step(Step),
}
