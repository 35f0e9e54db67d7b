use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// The names of all fields that a document selects anywhere. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct FieldNames(Arc<HashSet<Name>>);

impl FieldNames {
    pub(super) fn of(document: &ExecutableDocument) -> Self {
        let operations = document.operations.iter();
        let operations = operations.map(|(_, operation)| &operation.node.selection_set.node);
        let fragments = document.fragments.values();
        let fragments = fragments.map(|fragment| &fragment.node.selection_set.node);
        let mut names = HashSet::new();
        let mut sets: Vec<&SelectionSet> = operations.chain(fragments).collect();
        while let Some(set) = sets.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        names.insert(field.node.name.node.clone());
                        sets.push(&field.node.selection_set.node);
                    }
                    Selection::InlineFragment(inline) => {
                        sets.push(&inline.node.selection_set.node);
                    }
                    // Fragments are looked through by themselves.
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
        Self(Arc::new(names))
    }

    /// Which of these columns no field of the document shows. A column is shown by any field with one of its names, on whatever
    /// type: so a column may be read in vain, and is never missing.
    pub fn unseen<C: Copy>(&self, columns: &[(C, &[&str])]) -> Vec<C> {
        let unseen = columns
            .iter()
            .filter(|(_, fields)| !fields.iter().any(|field| self.0.contains(*field)));
        unseen.map(|(column, _)| *column).collect()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn unseen(document: &str) -> Vec<char> {
        let names = FieldNames::of(&parse_query(document).unwrap());
        names.unseen(&[('i', &["input"]), ('e', &["error", "problem"])])
    }

    #[test]
    fn what_no_field_shows_is_not_read() {
        assert_eq!(unseen("{ runs { id } }"), ['i', 'e']);
        assert_eq!(unseen("{ runs { input: id problem } }"), ['i']);
        assert_eq!(
            unseen("{ runs { ...A ... { error } } } fragment A on Run { x: input }"),
            [0 as char; 0]
        );
    }
}
