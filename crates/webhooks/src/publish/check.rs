//! What can be said about an event before it is written.

use jackfield_storage::workspace::{SchemaMismatch, UnknownEventTypes};
use jackfield_storage::{Channels, Problem, ProblemCode};

use super::Publication;
use crate::event_type::Known;
use crate::sound;

/// The longest type of an event, and the longest idempotency key, in characters.
const LONGEST: usize = 200;

/// Whether this can be the type of an event.
pub(crate) fn is_type(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count())
        && !text
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
}

fn is_key(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// Why the event is refused.
    pub problems: Vec<Problem>,
    /// What is let pass.
    pub warnings: Vec<Problem>,
    /// Its channels.
    pub channels: Channels,
}

/// Holds an event to what every event must be, and then to the catalogue.
pub(super) fn check(given: &mut Publication, known: &Known, max_bytes: usize) -> Found {
    let mut found = Found::default();
    if !is_type(&given.event_type) {
        let message = "A type has 1 to 200 characters and no spaces, such as `invoice.paid`.";
        found
            .problems
            .push(Problem::new(["type"], ProblemCode::Invalid, message));
    }
    let key = given.idempotency_key.as_ref();
    if key.is_some_and(|key| !is_key(key)) {
        let message = "An idempotency key has 1 to 200 characters, and no control characters.";
        let problem = Problem::new(["idempotencyKey"], ProblemCode::Invalid, message);
        found.problems.push(problem);
    }
    match Channels::parse(std::mem::take(&mut given.channels)) {
        Ok(channels) => found.channels = channels,
        Err(error) => {
            let problem = Problem::new(["channels"], ProblemCode::Invalid, error.to_string());
            found.problems.push(problem);
        }
    }
    if given.data.as_str().len() > max_bytes {
        let message = format!("The data of an event has at most {max_bytes} bytes.");
        let problem = Problem::new(["data"], ProblemCode::TooLarge, message);
        found.problems.push(problem);
    } else if let Err(error) = sound::check(given.data.as_str()) {
        let message = format!("The data is not JSON that can be read: {error}.");
        let problem = Problem::new(["data"], ProblemCode::Invalid, message);
        found.problems.push(problem);
    }
    if found.problems.is_empty() {
        hold_to_catalogue(given, known, &mut found);
    }
    found
}

fn hold_to_catalogue(given: &Publication, known: &Known, found: &mut Found) {
    if !known.has(&given.event_type) {
        let place = match known.unknown {
            UnknownEventTypes::Accept => return,
            UnknownEventTypes::Warn => &mut found.warnings,
            UnknownEventTypes::Reject => &mut found.problems,
        };
        let message = format!(
            "The catalogue has no event type `{}`, or it is archived.",
            given.event_type
        );
        place.push(Problem::new(["type"], ProblemCode::NotFound, message));
        return;
    }
    let place = match known.schema_mismatch {
        SchemaMismatch::Ignore => return,
        SchemaMismatch::Warn => &mut found.warnings,
        SchemaMismatch::Reject => &mut found.problems,
    };
    if known.has_schema(&given.event_type) {
        place.extend(known.faults(&given.event_type, &given.data.value()));
    }
}
