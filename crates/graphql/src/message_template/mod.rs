//! Message templates: mails and text messages that steps send.

mod create;
mod delete;
mod find;
mod follow;
mod list;
mod outcome;
mod preview;
mod update;

use async_graphql::{Context, Enum, ID, Object, Result};
use jackfield_connected_apps::Sender;
use jackfield_storage::message_template;

use crate::connected_app::WorkflowUse;
use crate::context::ContextExt;
use crate::resource::Resource;
use crate::scalars::DateTime;
pub use create::CreateMessageTemplate;
pub use delete::DeleteMessageTemplate;
pub use find::FindMessageTemplate;
pub use follow::FollowMessageTemplates;
pub use list::ListMessageTemplates;
pub use preview::PreviewMessageTemplate;
pub use update::UpdateMessageTemplate;

/// How a message reaches whom it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "message_template::MessageChannel")]
pub enum MessageChannel {
    /// As a mail.
    Email,
    /// As a text message.
    Sms,
}

/// A mail or text message that steps of workflows send. Its texts may hold expressions, which see what those in the config of
/// the node would see.
#[derive(Clone)]
pub struct MessageTemplate(pub message_template::MessageTemplate);

impl From<message_template::MessageTemplate> for MessageTemplate {
    fn from(row: message_template::MessageTemplate) -> Self {
        Self(row)
    }
}

impl MessageTemplate {
    async fn load_sender(&self, ctx: &Context<'_>) -> Result<Sender> {
        let wanted = (self.0.channel, self.0.sender_id);
        let found = ctx.loaders()?.senders.load(wanted).await?;
        Ok(found.unwrap_or_default())
    }
}

/// A mail or text message that steps of workflows send. Its texts may hold expressions, which see what those in the config of
/// the node would see.
#[Object]
impl MessageTemplate {
    /// The message template's id, by which the config of a node refers to it.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people call it; unique in the workspace.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How its messages are sent.
    async fn channel(&self) -> MessageChannel {
        self.0.channel.into()
    }

    /// The subject of its mails; null for text messages.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The text of its mails as HTML; null when it has none. Values of expressions are escaped, unless an expression ends in
    /// `| raw`.
    async fn html_body(&self) -> Option<&str> {
        self.0.html_body.as_deref()
    }

    /// The text of its text messages, or the plain text of its mails; null when it has none.
    async fn text_body(&self) -> Option<&str> {
        self.0.text_body.as_deref()
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The id of the resource that was chosen as its sender, which may be gone by now; null for the default.
    async fn chosen_sender_id(&self) -> Option<ID> {
        Some(self.0.sender_id?.to_string().into())
    }

    /// What its messages are sent from when the step says nothing else: the chosen sender while it is verified, else the default
    /// of its connected app. With none chosen it is the default of the app that the step uses; until then, that of a default
    /// app. Null when there is none.
    async fn sender(&self, ctx: &Context<'_>) -> Result<Option<Resource>> {
        let sender = self.load_sender(ctx).await?;
        Ok(sender.resource.map(Resource))
    }

    /// Whether a sender was chosen that is not used, because it was deleted or is not verified.
    async fn sender_fell_back(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.load_sender(ctx).await?.replaced.is_some())
    }

    /// A sentence for people that says why the chosen sender is not used, and what is instead; null when it is used.
    async fn sender_warning(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.load_sender(ctx).await?.replaced)
    }

    /// The drafts and published versions of workflows that send it.
    async fn used_by(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowUse>> {
        let found = ctx.loaders()?.message_template_uses.load(self.0.id).await?;
        let found = found.unwrap_or_default();
        Ok(found.into_iter().map(WorkflowUse).collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
