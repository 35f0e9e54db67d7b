use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Value, Variables};

use super::{ConnectionFields, GuardError, Limits};

/// The rows of a connection when the document does not say how many.
const DEFAULT_ROWS: u64 = 20;

/// How many levels of [listings](is_listing) introspection may have: one tells of each type, two of what is next to it.
const LISTINGS: u64 = 2;

/// Whether it is a field of `__Type` that lists what leads to other types (GraphQL §4.2).
fn is_listing(field: &str) -> bool {
    matches!(
        field,
        "fields" | "interfaces" | "possibleTypes" | "inputFields"
    )
}

/// What a selection amounts to with its fragments expanded.
#[derive(Clone, Copy, Default)]
struct Size {
    depth: u64,
    fields: u64,
    aliases: u64,
    directives: u64,
    cost: u64,
    /// Levels of lists, if it selects from the schema's own types.
    listings: u64,
    /// Fields of its own level.
    width: u64,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.cost = self.cost.saturating_add(other.cost);
        self.listings = self.listings.max(other.listings);
        self.width = self.width.saturating_add(other.width);
    }
}

/// Measures every operation of a document and compares it with the limits; answers with the highest cost.
///
/// # Errors
///
/// When a limit is exceeded or a fragment spreads itself.
pub fn measure(
    document: &ExecutableDocument,
    variables: &Variables,
    connections: &ConnectionFields,
    limits: &Limits,
) -> Result<u64, GuardError> {
    let mut measure = Measure {
        document,
        variables,
        connections,
        fragments: HashMap::new(),
    };
    let mut highest = 0;
    for (_, operation) in document.operations.iter() {
        highest = highest.max(measure.operation(&operation.node, limits)?);
    }
    Ok(highest)
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    connections: &'a ConnectionFields,
    /// Sizes of fragments that were measured; `None` while one is being measured.
    fragments: HashMap<&'a str, Option<Size>>,
}

impl<'a> Measure<'a> {
    fn operation(
        &mut self,
        operation: &'a OperationDefinition,
        limits: &Limits,
    ) -> Result<u64, GuardError> {
        let size = self.selection(&operation.selection_set.node)?;
        let directives = size.directives + operation.directives.len() as u64;
        GuardError::check("root fields", size.width, limits.root_fields)?;
        GuardError::check("levels of fields", size.depth, limits.depth)?;
        GuardError::check("fields with fragments expanded", size.fields, limits.fields)?;
        GuardError::check("aliases", size.aliases, limits.aliases)?;
        GuardError::check("directives", directives, limits.directives)?;
        GuardError::check("points of cost", size.cost, limits.cost)?;
        Ok(size.cost)
    }

    fn selection(&mut self, set: &'a SelectionSet) -> Result<Size, GuardError> {
        let mut total = Size::default();
        for selection in &set.items {
            total.add(match &selection.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::FragmentSpread(spread) => {
                    let mut size = self.fragment(spread.node.fragment_name.node.as_str())?;
                    size.directives += spread.node.directives.len() as u64;
                    size
                }
                Selection::InlineFragment(inline) => {
                    let mut size = self.selection(&inline.node.selection_set.node)?;
                    size.directives += inline.node.directives.len() as u64;
                    size
                }
            });
        }
        Ok(total)
    }

    fn field(&mut self, field: &'a Field) -> Result<Size, GuardError> {
        let below = self.selection(&field.selection_set.node)?;
        let name = field.name.node.as_str();
        // The usual document of introspection nests deeper than any other. Its answer is bounded by the schema, unless it
        // goes around in circles: from a type to its fields, and from those to their types.
        let introspection = matches!(name, "__schema" | "__type");
        if introspection {
            let what = "levels of lists in introspection";
            GuardError::check(what, below.listings, LISTINGS)?;
        }
        Ok(Size {
            depth: if introspection { 1 } else { below.depth + 1 },
            fields: below.fields.saturating_add(1),
            aliases: below
                .aliases
                .saturating_add(u64::from(field.alias.is_some())),
            directives: below
                .directives
                .saturating_add(field.directives.len() as u64),
            cost: below
                .cost
                .saturating_mul(self.rows(field))
                .saturating_add(1),
            listings: below.listings + u64::from(is_listing(name)),
            width: 1,
        })
    }

    fn fragment(&mut self, name: &'a str) -> Result<Size, GuardError> {
        match self.fragments.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(GuardError::Cycle(name.to_owned())),
            None => {}
        }
        // A fragment that does not exist is the validators' business.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Size::default());
        };
        self.fragments.insert(name, None);
        let size = self.selection(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }

    fn rows(&self, field: &Field) -> u64 {
        if !self.connections.contains(field.name.node.as_str()) {
            return 1;
        }
        let asked = |name| {
            let value = field.get_argument(name)?.node.clone();
            match value.into_const_with(|name| self.variables.get(&name).cloned().ok_or(())) {
                Ok(Value::Number(number)) => number.as_u64(),
                _ => None,
            }
        };
        asked("first")
            .or_else(|| asked("last"))
            .unwrap_or(DEFAULT_ROWS)
            .max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::parser::parse_query;

    use super::*;

    fn cost(text: &str) -> Result<u64, GuardError> {
        let connections = ConnectionFields::from_sdl(
            "type Query { runs(first: Int): RunConnection! workflows: WorkflowConnection! }",
        )
        .unwrap();
        measure(
            &parse_query(text).unwrap(),
            &Variables::default(),
            &connections,
            &Limits::default(),
        )
    }

    #[test]
    fn rows_multiply_what_is_below() {
        assert_eq!(cost("{ runs(first: 50) { nodes { id } } }"), Ok(1 + 50 * 2));
        assert_eq!(
            cost("{ workflows { nodes { id runs(first: 10) { nodes { id } } } } }"),
            Ok(1 + 20 * (1 + 1 + 1 + 10 * 2))
        );
    }

    #[test]
    fn a_fragment_bomb_is_measured_once_for_each_fragment() {
        let mut text = "{ ...F0 }".to_owned();
        for level in 0..60 {
            let next = level + 1;
            write!(
                text,
                " fragment F{level} on Query {{ ...F{next} ...F{next} ...F{next} }}"
            )
            .unwrap();
        }
        text.push_str(" fragment F60 on Query { viewer { role } }");
        insta::assert_snapshot!(cost(&text).unwrap_err(), @"The document has 18446744073709551615 root fields; at most 30 are allowed.");
    }

    #[test]
    fn refuses_fragments_that_spread_themselves() {
        let text = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A }";
        insta::assert_snapshot!(cost(text).unwrap_err(), @r#"The fragment "A" spreads itself."#);
    }

    #[test]
    fn refuses_alias_floods() {
        let aliases: String = (0..200).map(|n| format!("a{n}: id ")).collect();
        let text = format!("{{ viewer {{ {aliases} }} }}");
        insta::assert_snapshot!(cost(&text).unwrap_err(), @"The document has 200 aliases; at most 100 are allowed.");
    }
}
