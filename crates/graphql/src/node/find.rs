use async_graphql::{Context, ID, Object, Result};
use futures_util::future::try_join_all;
use jackfield_storage::access::{ManageKeys, ManageUsers, Read, ReadAuditLog};
use jackfield_storage::hook_health::Verdict;
use jackfield_storage::ids::WorkspaceId;
use jackfield_storage::{
    api_key, audit_log, credential_use, delivery_attempt, inbound_request, invitation, membership,
    rejection, step, workspace,
};

use super::Node;
use crate::api_key::ApiKey;
use crate::audit_log::with_names;
use crate::connected_app::ConnectedApp;
use crate::context::ContextExt;
use crate::credential_use::CredentialUse;
use crate::delivery::{Delivery, DeliveryAttempt};
use crate::errors::{Code, internal};
use crate::event::Event;
use crate::event_type::EventType;
use crate::inbound_hook::{InboundHook, Rejection};
use crate::invitation::Invitation;
use crate::message_template::MessageTemplate;
use crate::node_type::{self, NodeType};
use crate::plugin::{self, Plugin};
use crate::provider::{self, Provider};
use crate::replay::Replay;
use crate::resource::Resource;
use crate::run::Run;
use crate::step::Step;
use crate::user::User;
use crate::variable::Variable;
use crate::webhook_endpoint::WebhookEndpoint;
use crate::workflow::{Workflow, WorkflowVersion};
use crate::workspace::Workspace;

/// The most ids that `nodes` takes.
const MOST: usize = 100;

/// The queries `node` and `nodes`.
#[derive(Default)]
pub struct FindNode;

#[Object]
impl FindNode {
    /// Whatever has this id; null when there is nothing.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Result<Option<Node>> {
        ctx.permit::<Read>()?;
        find(ctx, &id).await
    }

    /// Whatever has these ids, in their order; null where there is nothing.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, 100 at most.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        ctx.permit::<Read>()?;
        if ids.len() > MOST {
            return Err(Code::BadUserInput
                .error(format!("`ids` has {} ids; it may have {MOST}.", ids.len())));
        }
        try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let loaders = ctx.loaders()?;
    let kind = id.split_once('_').map_or("", |(kind, _)| kind);
    Ok(match kind {
        "wf" => load(id, |id| loaders.workflow.load(id))
            .await?
            .filter(|row| row.deleted_at.is_none())
            .map(|row| Node::Workflow(Workflow(row))),
        "wfv" => load(id, |id| loaders.version.load(id))
            .await?
            .map(|row| Node::WorkflowVersion(WorkflowVersion(row))),
        "run" => load(id, |id| loaders.run.load(id))
            .await?
            .map(|row| Node::Run(Run(row))),
        "evt" => load(id, |id| loaders.event.load(id))
            .await?
            .map(|row| Node::Event(Event(row))),
        "etype" => load(id, |id| loaders.event_type.load(id))
            .await?
            .map(|row| Node::EventType(EventType(row))),
        "wh" => load(id, |id| loaders.endpoint.load(id))
            .await?
            .filter(|row| row.deleted_at.is_none())
            .map(|row| Node::WebhookEndpoint(WebhookEndpoint(row))),
        "dlv" => load(id, |id| loaders.delivery.load(id))
            .await?
            .map(|row| Node::Delivery(Delivery(row))),
        "var" => load(id, |id| loaders.variable.load(id))
            .await?
            .map(|row| Node::Variable(Variable(row))),
        "rpl" => load(id, |id| loaders.replay.load(id))
            .await?
            .map(|row| Node::Replay(Replay(row))),
        "hook" => load(id, |id| loaders.hook.load(id))
            .await?
            .map(|row| Node::InboundHook(InboundHook(row))),
        "app" => load(id, |id| loaders.app.load(id))
            .await?
            .map(|row| Node::ConnectedApp(ConnectedApp(row))),
        "res" => load(id, |id| loaders.resource.load(id))
            .await?
            .map(|row| Node::Resource(Resource(row))),
        "tpl" => load(id, |id| loaders.message_template.load(id))
            .await?
            .map(|row| Node::MessageTemplate(MessageTemplate(row))),
        "key" | "usr" | "inv" | "aud" | "use" => find_guarded(ctx, kind, id).await?,
        _ => find_rare(ctx, kind, id).await?,
    })
}

/// What not everybody may see who may read.
async fn find_guarded(ctx: &Context<'_>, kind: &str, id: &str) -> Result<Option<Node>> {
    let store = ctx.store()?;
    let db = store.reader();
    Ok(match kind {
        "key" => {
            let permit = ctx.permit::<ManageKeys>()?;
            let find = async |id| api_key::find(db, &permit, id).await.map_err(internal);
            load(id, find).await?.map(|row| Node::ApiKey(ApiKey(row)))
        }
        "usr" => {
            let permit = ctx.permit::<ManageUsers>()?;
            let find = async |id| {
                let found = membership::find_many(db, &permit, &[id]).await;
                Ok(found.map_err(internal)?.into_iter().next())
            };
            load(id, find).await?.map(|row| Node::User(User(row)))
        }
        "inv" => {
            let permit = ctx.permit::<ManageUsers>()?;
            let find = async |id| invitation::find(db, &permit, id).await.map_err(internal);
            load(id, find)
                .await?
                .map(|row| Node::Invitation(Invitation(row)))
        }
        "use" => {
            let permit = ctx.permit::<ReadAuditLog>()?;
            let find = async |id| {
                credential_use::find(db, &permit, id)
                    .await
                    .map_err(internal)
            };
            load(id, find)
                .await?
                .map(|row| Node::CredentialUse(CredentialUse::from(row)))
        }
        _ => {
            let permit = ctx.permit::<ReadAuditLog>()?;
            let find = async |id| audit_log::find(db, &permit, id).await.map_err(internal);
            let row = load(id, find).await?;
            let entries = with_names(store, &permit, row.into_iter().collect()).await?;
            entries.into_iter().next().map(Node::AuditEntry)
        }
    })
}

/// Parses an id and loads what it stands for; a malformed one stands for nothing.
async fn load<K: std::str::FromStr, V, F>(id: &str, load: impl FnOnce(K) -> F) -> Result<Option<V>>
where
    F: Future<Output = Result<Option<V>>>,
{
    match id.parse() {
        Ok(id) => load(id).await,
        Err(_) => Ok(None),
    }
}

/// What nobody asks for in bulk.
async fn find_rare(ctx: &Context<'_>, kind: &str, id: &str) -> Result<Option<Node>> {
    let services = ctx.services()?;
    let db = services.store.reader();
    let permit = ctx.permit::<Read>()?;
    let name = id.split_once('_').map_or("", |(_, name)| name);
    Ok(match format!("{kind}_").as_str() {
        "step_" => load(id, |id| async move {
            step::find(db, &permit, id).await.map_err(internal)
        })
        .await?
        .map(|row| Node::Step(Step(row))),
        "att_" => load(id, |id| async move {
            delivery_attempt::find(db, &permit, id)
                .await
                .map_err(internal)
        })
        .await?
        .map(|row| Node::DeliveryAttempt(DeliveryAttempt(row))),
        "hreq_" => load(id, |id| async move {
            inbound_request::find(db, &permit, id)
                .await
                .map_err(internal)
        })
        .await?
        .map(|row| Node::InboundRequest(Box::new(row.into()))),
        "rej_" => load(id, |id| async move {
            rejection::find(db, &permit, id).await.map_err(internal)
        })
        .await?
        .filter(|row| row.verdict == Verdict::Rejected)
        .map(|row| Node::InboundRejection(Rejection(row))),
        "ws_"
            if id
                .parse::<WorkspaceId>()
                .is_ok_and(|id| id == permit.workspace()) =>
        {
            workspace::find(db, &permit)
                .await
                .map_err(internal)?
                .map(|row| Node::Workspace(Workspace(row)))
        }
        plugin::PREFIX => services
            .host
            .plugins()
            .into_iter()
            .find(|plugin| plugin.id() == name)
            .map(|found| Node::Plugin(Plugin(found))),
        provider::PREFIX => services
            .host
            .provider(name)
            .map(|found| Node::Provider(Provider(found))),
        node_type::PREFIX => services
            .workflows
            .node_type(name)
            .map(|found| Node::NodeType(NodeType(found))),
        _ => None,
    })
}
