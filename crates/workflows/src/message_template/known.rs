//! Message templates in memory, compiled, so that a step renders them without a query.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::{MessageTemplateId, ResourceId, WorkspaceId};
use jackfield_storage::message_template::{self, MessageChannel, MessageTemplate};
use jackfield_storage::{Json, Problem, StorageError};
use parking_lot::Mutex;
use serde_json::Value;

use super::{Fault, Message, Texts, fill, wanted};
use crate::Workflows;
use crate::expression::Sample;
use crate::nodes::Hints;

/// How many are kept.
const KEPT: usize = 250;

/// The message templates that were asked for.
#[derive(Default)]
pub(crate) struct KnownTemplates(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How often message templates had changed when these were read.
    changes: u64,
    by_id: HashMap<(WorkspaceId, MessageTemplateId), Found>,
}

/// A template of a workspace; none when there is no such.
pub(crate) type Found = Option<Arc<Compiled>>;

/// A template that can be rendered.
pub(crate) struct Compiled {
    pub id: MessageTemplateId,
    pub name: String,
    pub channel: MessageChannel,
    pub sender: Option<ResourceId>,
    /// Its texts; the error says why this release cannot make anything of them.
    pub message: Result<Message, String>,
}

impl From<MessageTemplate> for Compiled {
    fn from(row: MessageTemplate) -> Compiled {
        let told = |problems: Vec<Problem>| {
            let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
            told.join("; ")
        };
        Compiled {
            id: row.id,
            channel: row.channel,
            sender: row.sender_id,
            message: Message::parse(row.channel, &Texts::from(&row)).map_err(told),
            name: row.name,
        }
    }
}

impl Workflows {
    /// A template, if it is known whether there is one and nothing has changed since.
    pub(crate) fn known_message_template(
        &self,
        workspace: WorkspaceId,
        id: MessageTemplateId,
    ) -> Option<Found> {
        let kept = self.0.message_templates.0.lock();
        let found = kept.by_id.get(&(workspace, id));
        found
            .filter(|_| kept.changes == self.0.store.message_template_changes())
            .cloned()
    }

    /// These templates of a workspace.
    pub(crate) async fn message_templates(
        &self,
        workspace: WorkspaceId,
        ids: &[MessageTemplateId],
    ) -> Result<HashMap<MessageTemplateId, Found>, StorageError> {
        // Asked first: what changes while they are read makes what was read out of date.
        let changes = self.0.store.message_template_changes();
        let permit = Permit::<Read>::system(workspace, "engine");
        let rows = message_template::find_many(self.0.store.reader(), &permit, ids).await?;
        let mut found: HashMap<_, Found> = ids.iter().map(|id| (*id, None)).collect();
        for row in rows {
            found.insert(row.id, Some(Arc::new(row.into())));
        }
        self.0.message_templates.keep(workspace, changes, &found);
        Ok(found)
    }
}

impl Workflows {
    /// An evaluated config with messages in the place of the templates that it names.
    pub(crate) async fn with_messages(
        &self,
        workspace: WorkspaceId,
        hints: &Hints,
        config: Json,
        sample: &Sample,
    ) -> Result<Result<Json, Fault>, StorageError> {
        let Value::Object(mut members) = config.value() else {
            return Ok(Ok(config));
        };
        let wanted = wanted(hints, &members);
        let found = match wanted.is_empty() {
            true => HashMap::new(),
            false => self.message_templates(workspace, &wanted).await?,
        };
        let filled = fill(hints, &mut members, &found, &sample.scope());
        Ok(filled.map(|()| Json::from(Value::Object(members))))
    }
}

impl KnownTemplates {
    fn keep(
        &self,
        workspace: WorkspaceId,
        changes: u64,
        found: &HashMap<MessageTemplateId, Found>,
    ) {
        let mut kept = self.0.lock();
        if kept.changes < changes || kept.by_id.len() + found.len() > KEPT {
            kept.by_id.clear();
        }
        if kept.changes <= changes {
            kept.changes = changes;
            let found = found.iter();
            kept.by_id
                .extend(found.map(|(id, found)| ((workspace, *id), found.clone())));
        }
    }
}
