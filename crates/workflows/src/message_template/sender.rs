//! The resource that a template names as its sender.

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::ResourceId;
use jackfield_storage::message_template::MessageChannel;
use jackfield_storage::{Problem, ProblemCode, StorageError, resource};

use crate::Workflows;

impl Workflows {
    /// It has to be there, and of a type that messages of the channel are sent from. Whether it is verified is asked when it is
    /// used.
    pub(super) async fn check_sender(
        &self,
        permit: &Permit<Read>,
        channel: MessageChannel,
        sender: Option<ResourceId>,
        problems: &mut Vec<Problem>,
    ) -> Result<(), StorageError> {
        let Some(id) = sender else {
            return Ok(());
        };
        let mut refuse = |code, message: String| {
            problems.push(Problem::new(["senderId"], code, message));
        };
        let Some(row) = resource::find(self.0.store.reader(), permit, id).await? else {
            let message =
                "there is no such resource in this workspace; see `resources` for those there are";
            refuse(ProblemCode::NotFound, message.to_owned());
            return Ok(());
        };
        if self.0.apps.channel_of(&row) != Some(channel) {
            let what = match channel {
                MessageChannel::Email => "mails",
                MessageChannel::Sms => "text messages",
            };
            let message = format!(
                "`{}` is a {} of `{}`, which {what} are not sent from; `providers` says of each resource type which channel it sends on",
                row.value, row.resource_type, row.provider
            );
            refuse(ProblemCode::Invalid, message);
        }
        Ok(())
    }
}
