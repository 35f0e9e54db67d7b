//! The message templates that the nodes of a definition name.

use jackfield_storage::ReadRows;
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::MessageTemplateId;
use jackfield_storage::message_template::{self, MessageTemplate};
use jackfield_storage::{Problem, ProblemCode, StorageError};

use crate::definition::{Definition, NamedTemplate};

/// A message template that a node names has to be there, and to be of the channel that the node sends on.
pub(super) async fn check<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    definition: &Definition,
    problems: &mut Vec<Problem>,
) -> Result<(), StorageError> {
    let ids = named(definition);
    if !ids.is_empty() {
        let templates = message_template::find_many(db, permit, &ids).await?;
        check_against(&templates, definition, problems);
    }
    Ok(())
}

/// The templates that nodes name.
pub(super) fn named(definition: &Definition) -> Vec<MessageTemplateId> {
    let nodes = definition.nodes();
    let named = nodes.flat_map(|(_, node)| &node.message_templates);
    named.map(|named| named.id).collect()
}

/// The same as [`check`] with those of the named templates that there are.
pub(super) fn check_against(
    templates: &[MessageTemplate],
    definition: &Definition,
    problems: &mut Vec<Problem>,
) {
    for (index, node) in definition.nodes() {
        for named in &node.message_templates {
            if let Some((code, message)) = fault(named, templates) {
                let index = index.index().to_string();
                let field = ["definition", "nodes", &index, "config", &named.member];
                problems.push(Problem::new(field, code, message));
            }
        }
    }
}

fn fault(named: &NamedTemplate, templates: &[MessageTemplate]) -> Option<(ProblemCode, String)> {
    let NamedTemplate { id, channel, .. } = named;
    match templates.iter().find(|template| template.id == *id) {
        None => {
            let message = format!(
                "there is no message template {id}; see messageTemplates for those there are"
            );
            Some((ProblemCode::NotFound, message))
        }
        Some(template) if template.channel != *channel => {
            let message = format!(
                "`{}` is of the channel {}, but the node sends messages of {channel}",
                template.name, template.channel
            );
            Some((ProblemCode::Invalid, message))
        }
        Some(_) => None,
    }
}
