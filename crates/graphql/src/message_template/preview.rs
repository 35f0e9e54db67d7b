use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use jackfield_connected_apps::Sender;
use jackfield_storage::access::Read;
use jackfield_workflows::message_template::{Preview, Rendered, Texts};

use super::outcome::{refused, unknown_template};
use super::{MessageChannel, update::changed_sender};
use crate::context::ContextExt;
use crate::errors::{UserError, internal};
use crate::expression::{ExpressionScopeInput, sample};
use crate::resource::Resource;

/// The query `previewMessageTemplate`.
#[derive(Default)]
pub struct PreviewMessageTemplate;

/// What `previewMessageTemplate` takes: a message template, or what is to become one.
#[derive(InputObject)]
struct PreviewMessageTemplateInput {
    /// The message template. What is given besides stands in the place of what it says.
    message_template_id: Option<ID>,
    /// How the message is sent; needed when no message template is named.
    channel: Option<MessageChannel>,
    /// The subject of a mail.
    subject: Option<String>,
    /// The text of a mail as HTML.
    html_body: Option<String>,
    /// The plain text of a mail, or that of a text message.
    text_body: Option<String>,
    /// The resource that the message is sent from; null for the default.
    sender_id: MaybeUndefined<ID>,
    /// The run whose data its expressions see.
    run_id: Option<ID>,
    /// Only the steps of the run that come before the node with this key.
    node_key: Option<String>,
    /// What its expressions see besides, or instead.
    scope: Option<ExpressionScopeInput>,
}

/// What a message looks like.
#[derive(SimpleObject, Default)]
struct MessagePreview {
    /// The subject of the mail; null for a text message, or when there are user errors.
    subject: Option<String>,
    /// The text of the mail as HTML; null when it has none, or when there are user errors.
    html_body: Option<String>,
    /// The text of the message, or the plain text of the mail; null when it has none, or when there are user errors.
    text_body: Option<String>,
    /// What it would be sent from when the step says nothing else; null when there is nothing.
    sender: Option<Resource>,
    /// Sentences for people: what would be done otherwise than the message says.
    warnings: Vec<String>,
    /// What has to change in the input before there is something to show.
    user_errors: Vec<UserError>,
}

impl MessagePreview {
    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            user_errors,
            ..Self::default()
        }
    }

    fn of(rendered: Rendered, sender: Sender) -> Self {
        Self {
            subject: rendered.subject,
            html_body: rendered.html_body,
            text_body: rendered.text_body,
            sender: sender.resource.map(Resource),
            warnings: sender.replaced.into_iter().collect(),
            user_errors: Vec::new(),
        }
    }
}

#[Object]
impl PreviewMessageTemplate {
    /// Shows what a message looks like, saved or not: on the data of an earlier run, on JSON of the caller's, or on both. Nothing
    /// is saved and nothing is sent.
    async fn preview_message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to show.")] input: PreviewMessageTemplateInput,
    ) -> Result<MessagePreview> {
        let permit = ctx.permit::<Read>()?;
        let template = input.message_template_id.map(|id| id.parse()).transpose();
        let Ok(template) = template else {
            return Ok(MessagePreview::refused(vec![unknown_template()]));
        };
        let sender = match changed_sender(&input.sender_id) {
            Ok(sender) => sender,
            Err(error) => return Ok(MessagePreview::refused(vec![error])),
        };
        let preview = Preview {
            template,
            channel: input.channel.map(Into::into),
            texts: Texts {
                subject: input.subject,
                html_body: input.html_body,
                text_body: input.text_body,
            },
            sender,
        };
        let sample = sample(ctx, input.run_id, input.node_key.as_deref(), input.scope).await?;
        let services = ctx.services()?;
        let draft = match services.workflows.draft_message(&permit, preview).await {
            Ok(draft) => draft,
            Err(error) => return Ok(MessagePreview::refused(refused(error)?)),
        };
        let wanted = (draft.channel, draft.sender);
        // Computing takes at most a blink, but that blink is not for the threads that answer everybody else.
        let rendered = tokio::task::spawn_blocking(move || draft.render(&sample)).await;
        match rendered.map_err(internal)? {
            Ok(rendered) => {
                let senders = services.apps.senders(&permit, &[wanted]).await;
                let sender = senders.map_err(internal)?.remove(&wanted);
                Ok(MessagePreview::of(rendered, sender.unwrap_or_default()))
            }
            Err(problem) => Ok(MessagePreview::refused(vec![problem.into()])),
        }
    }
}
