//! What people enter of a message template.

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::MessageTemplateId;
use jackfield_storage::message_template::{
    self, MessageChannel, MessageTemplate, MessageTemplateFilter,
};
use jackfield_storage::{Call, Problem, ProblemCode};

use super::{Message, MessageTemplateError, Texts};

/// The longest name, in characters.
const MAX_NAME: usize = 200;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 2_000;
/// The most message templates of a workspace.
const MAX_TEMPLATES: u64 = 1_000;

/// A name without blanks around it.
pub(super) fn name(given: &str, problems: &mut Vec<Problem>) -> String {
    let name = given.trim();
    let length = name.chars().count();
    if length == 0 {
        problems.push(Problem::new(
            ["name"],
            ProblemCode::Required,
            "the name is missing",
        ));
    } else if length > MAX_NAME {
        let message =
            format!("the name is {length} characters long, but may have at most {MAX_NAME}");
        problems.push(Problem::new(["name"], ProblemCode::TooLarge, message));
    }
    name.to_owned()
}

/// A description that is not too long.
pub(super) fn description(given: &str, problems: &mut Vec<Problem>) -> String {
    if given.chars().count() > MAX_DESCRIPTION {
        let message = format!("a description has at most {MAX_DESCRIPTION} characters");
        problems.push(Problem::new(
            ["description"],
            ProblemCode::TooLarge,
            message,
        ));
    }
    given.to_owned()
}

/// Texts that can be rendered.
pub(super) fn texts(channel: MessageChannel, texts: Texts, problems: &mut Vec<Problem>) -> Texts {
    let texts = texts.without_blanks();
    if let Err(found) = Message::parse(channel, &texts) {
        problems.extend(found);
    }
    texts
}

/// The name has to be one that no other template has. Asked within the transaction that writes.
pub(super) async fn check_name_is_free(
    call: &Call,
    permit: &Permit<Read>,
    name: &str,
    of: Option<MessageTemplateId>,
) -> Result<(), MessageTemplateError> {
    let found = message_template::find_named(call.db(), permit, name).await?;
    match found.filter(|other| Some(other.id) != of) {
        None => Ok(()),
        Some(MessageTemplate { id, .. }) => {
            let message = format!("the message template {id} has this name: choose another one");
            let problem = Problem::new(["name"], ProblemCode::Taken, message);
            Err(MessageTemplateError::Rejected(vec![problem]))
        }
    }
}

/// There has to be room for one more. Asked within the transaction that writes.
pub(super) async fn check_room(
    call: &Call,
    permit: &Permit<Read>,
) -> Result<(), MessageTemplateError> {
    let all = MessageTemplateFilter::default();
    if message_template::count(call.db(), permit, &all).await? < MAX_TEMPLATES {
        return Ok(());
    }
    let message = format!(
        "a workspace has at most {MAX_TEMPLATES} message templates: delete one that is not used"
    );
    let problem = Problem::new(["name"], ProblemCode::Conflict, message);
    Err(MessageTemplateError::Rejected(vec![problem]))
}
