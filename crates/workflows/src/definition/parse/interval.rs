//! How often a trigger is asked for news.

use std::time::Duration;

use jackfield_storage::{Problem, ProblemCode};

use super::retry;
use crate::definition::NodeDocument;
use crate::definition::fields::{Path, problem};
use crate::nodes::{Behaviour, NodeType, Trigger};

/// The longest time between two polls.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3600);

/// What the workflow says, if it says anything. The plugin says how often at most.
pub(super) fn read(
    node: &NodeDocument,
    kind: &NodeType,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Duration> {
    let text = node.interval.as_ref()?;
    let mut refuse = |message: String| problems.push(problem(path, ProblemCode::Invalid, message));
    let Behaviour::Trigger(Trigger::Poll { least, .. }) = kind.behaviour else {
        let message = "only a trigger that asks a service for news has an interval";
        refuse(format!("{message}, and `{}` is none", kind.name));
        return None;
    };
    let interval = retry::duration(text, path, problems)?;
    let least = Duration::from_secs(least.into());
    if (least..=LONGEST).contains(&interval) {
        return Some(interval);
    }
    let message = match interval < least {
        true => format!(
            "a trigger of type `{}` is asked at most every {} s",
            kind.name,
            least.as_secs()
        ),
        false => "has to be at most 31 days".to_owned(),
    };
    problems.push(problem(path, ProblemCode::Invalid, message));
    None
}
