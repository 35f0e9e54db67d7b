use std::collections::BTreeSet;

use jackfield_storage::access::{ManageMessageTemplates, Permit};
use jackfield_storage::ids::MessageTemplateId;
use jackfield_storage::message_template::{self, MessageTemplate};
use jackfield_storage::{Problem, ProblemCode, workflow};

use super::MessageTemplateError;
use crate::Workflows;

/// How many of the workflows that use a template are named.
const NAMED: usize = 5;

impl Workflows {
    /// Deletes a message template and returns what it was. One that workflows use is deleted with `force` only: their steps
    /// that send it fail from then on.
    pub async fn delete_message_template(
        &self,
        permit: &Permit<ManageMessageTemplates>,
        id: MessageTemplateId,
        force: bool,
    ) -> Result<MessageTemplate, MessageTemplateError> {
        let read = permit.read();
        if !force {
            let found = message_template::find(self.0.store.reader(), &read, id).await?;
            let row = found.ok_or(MessageTemplateError::NotFound)?;
            self.check_unused(permit, &row).await?;
        }
        self.0
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = message_template::find(call.db(), &read, id).await?;
                    let row = found.ok_or(MessageTemplateError::NotFound)?;
                    Ok(message_template::delete(call, row).await?)
                })
            })
            .await
    }

    async fn check_unused(
        &self,
        permit: &Permit<ManageMessageTemplates>,
        template: &MessageTemplate,
    ) -> Result<(), MessageTemplateError> {
        let read = permit.read();
        let uses = self.0.apps.uses_of(&read, &[template.id]).await?;
        let users: BTreeSet<_> = uses
            .into_values()
            .flatten()
            .map(|used| used.workflow)
            .collect();
        if users.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = users.into_iter().collect();
        let found = workflow::find_many(self.0.store.reader(), &read, &ids).await?;
        let mut names: Vec<String> = found
            .into_iter()
            .map(|workflow| format!("`{}`", workflow.name))
            .collect();
        names.sort();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "`{}` is sent by the workflows {}{more}; their steps would fail. See its `usedBy`, and delete it with `force: true`",
            template.name,
            names.join(", ")
        );
        let problem = Problem::new(["force"], ProblemCode::InUse, message);
        Err(MessageTemplateError::Rejected(vec![problem]))
    }
}
