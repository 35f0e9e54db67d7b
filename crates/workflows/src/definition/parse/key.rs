//! The keys of nodes.

use std::collections::HashMap;

use jackfield_storage::{Problem, ProblemCode};

use crate::definition::fields::{Path, problem, under};
use crate::definition::{Document, NodeIndex, NodeKey};

/// The index of every good key; bad and repeated ones are problems.
pub(super) fn index(
    document: &Document,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> HashMap<String, NodeIndex> {
    let mut by_key = HashMap::new();
    for (index, node) in document
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| !node.key.is_empty())
    {
        let field = under(&under(path, index), "key");
        if NodeKey::parse(&node.key).is_none() {
            let message = format!(
                "`{}` cannot be a key: it has to start with a letter or `_`, go on with letters, digits, `_` or `-`, \
                 and be at most 64 characters long",
                node.key.chars().take(80).collect::<String>()
            );
            problems.push(problem(&field, ProblemCode::Invalid, message));
        } else if by_key.contains_key(&node.key) {
            let message = format!(
                "there is another node with the key `{}`; keys have to be different",
                node.key
            );
            problems.push(problem(&field, ProblemCode::Taken, message));
            continue;
        }
        by_key.insert(node.key.clone(), NodeIndex(index as u32));
    }
    by_key
}
