use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::{MessageTemplateId, ResourceId};
use jackfield_storage::message_template::{self, MessageChannel};
use jackfield_storage::{Problem, ProblemCode};

use super::{Message, MessageTemplateError, Rendered, Texts};
use crate::Workflows;
use crate::expression::Sample;

/// A message that is to be shown before it is sent: one that is stored, with what is given instead of what it says, or one that
/// is not.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The stored one.
    pub template: Option<MessageTemplateId>,
    /// How it is sent; that of the stored one when absent.
    pub channel: Option<MessageChannel>,
    /// What it says; what the stored one says where absent.
    pub texts: Texts,
    /// What it is sent from, likewise; the default if `Some(None)`.
    pub sender: Option<Option<ResourceId>>,
}

/// A message that can be rendered.
#[derive(Debug)]
pub struct DraftMessage {
    message: Message,
    /// How it is sent.
    pub channel: MessageChannel,
    /// The resource that it says it is sent from.
    pub sender: Option<ResourceId>,
}

impl Workflows {
    /// The message of a preview, checked as it is when it is saved.
    pub async fn draft_message(
        &self,
        permit: &Permit<Read>,
        preview: Preview,
    ) -> Result<DraftMessage, MessageTemplateError> {
        let stored = match preview.template {
            Some(id) => {
                let found = message_template::find(self.0.store.reader(), permit, id).await?;
                Some(found.ok_or(MessageTemplateError::NotFound)?)
            }
            None => None,
        };
        let channel = preview.channel.or(stored.as_ref().map(|row| row.channel));
        let channel = channel.ok_or_else(|| {
            let message = "say which channel the message is of, or which template it is";
            let problem = Problem::new(["channel"], ProblemCode::Required, message);
            MessageTemplateError::Rejected(vec![problem])
        })?;
        let known = stored.as_ref().map(Texts::from).unwrap_or_default();
        let texts = preview.texts.or(known).without_blanks();
        let mut problems = Vec::new();
        if let Some(sender) = preview.sender {
            self.check_sender(permit, channel, sender, &mut problems)
                .await?;
        }
        let message = Message::parse(channel, &texts);
        match message {
            Ok(message) if problems.is_empty() => Ok(DraftMessage {
                message,
                channel,
                sender: preview
                    .sender
                    .unwrap_or(stored.and_then(|row| row.sender_id)),
            }),
            message => {
                problems.extend(message.err().into_iter().flatten());
                Err(MessageTemplateError::Rejected(problems))
            }
        }
    }
}

impl DraftMessage {
    /// The message as it looks with that data. It computes for a while.
    ///
    /// # Errors
    /// The first expression that has no value.
    pub fn render(&self, sample: &Sample) -> Result<Rendered, Problem> {
        self.message.render(&sample.scope()).map_err(|error| {
            let field = error.path();
            Problem::new([field], ProblemCode::InvalidExpression, error.to_string())
        })
    }
}
