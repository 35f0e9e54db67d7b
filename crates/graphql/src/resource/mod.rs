//! Resources: what the account of a connected app has and nodes refer to.

mod create;
mod delete;
mod find;
mod follow;
mod import;
mod list;
mod outcome;
mod set_default;
mod status;
mod update;
mod verify;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::resource;

use crate::connected_app::{ConnectedApp, WorkflowUse};
use crate::context::ContextExt;
use crate::message_template::MessageTemplate;
use crate::scalars::DateTime;
pub use create::CreateResource;
pub use delete::DeleteResource;
pub use find::FindResource;
pub use follow::FollowResources;
pub use import::ImportResources;
pub use list::ListResources;
pub use set_default::SetDefaultResource;
use status::VerificationStatus;
pub use update::UpdateResource;
pub use verify::VerifyResource;

/// What the account of a connected app has and nodes refer to, such as an address that mail is sent from.
#[derive(Clone)]
pub struct Resource(pub resource::Resource);

impl From<resource::Resource> for Resource {
    fn from(row: resource::Resource) -> Self {
        Self(row)
    }
}

/// What the account of a connected app has and nodes refer to, such as an address that mail is sent from.
#[Object]
impl Resource {
    /// The resource's id, by which the config of a node refers to it.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its type, of those that `Provider.resourceTypes` has, such as `sender_email`.
    async fn resource_type(&self) -> &str {
        &self.0.resource_type
    }

    /// What the provider calls it, such as `hello@example.com`.
    async fn value(&self) -> &str {
        &self.0.value
    }

    /// What people call it; null when it has no label.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }

    /// Whether it is used when nothing else is said. Exactly one of an app and type is, from the first verified one on.
    async fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// Whether the provider lets it be used. Only one that is verified can be.
    async fn verification_status(&self) -> VerificationStatus {
        self.0.status.into()
    }

    /// What is missing, or why the provider could not be asked; null when nothing is.
    async fn verification_message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Since when the provider says so; null when it could not be asked.
    async fn verification_since(&self) -> Option<DateTime> {
        self.0.status_since.map(DateTime)
    }

    /// The connected app whose it is; null when it was disconnected in the meantime.
    async fn connected_app(&self, ctx: &Context<'_>) -> Result<Option<ConnectedApp>> {
        let found = ctx.loaders()?.app.load(self.0.app_id).await?;
        Ok(found.map(ConnectedApp))
    }

    /// The drafts and published versions of workflows that refer to it. If it is deleted, they use the default.
    async fn used_by(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowUse>> {
        let found = ctx.loaders()?.resource_uses.load(self.0.id).await?;
        let found = found.unwrap_or_default();
        Ok(found.into_iter().map(WorkflowUse).collect())
    }

    /// The message templates that it was chosen for as their sender, oldest first. If it is deleted, they use the default.
    async fn message_templates(&self, ctx: &Context<'_>) -> Result<Vec<MessageTemplate>> {
        let found = ctx.loaders()?.message_templates_of.load(self.0.id).await?;
        let found = found.unwrap_or_default();
        Ok(found.into_iter().map(MessageTemplate).collect())
    }

    /// When it was added.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
