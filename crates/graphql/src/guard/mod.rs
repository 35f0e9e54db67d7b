//! What a document may cost, decided before the library's validators see it: they walk a fragment again each time it
//! is spread, so that a few hundred bytes can keep them busy for minutes. Here each fragment is measured once.

mod measure;
mod scan;
mod variables;

use std::collections::HashSet;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition};

pub use measure::measure;
pub use scan::scan;
pub use variables::GivenVariables;

/// How many values variables may have, those inside of lists and objects too.
const MAX_VALUES: usize = 50_000;

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The size of the document in bytes.
    pub bytes: usize,
    /// Lexical tokens of the document.
    pub tokens: usize,
    /// Levels of nested fields, fragments expanded.
    pub depth: u64,
    /// Fields, fragments expanded.
    pub fields: u64,
    /// Aliases, fragments expanded.
    pub aliases: u64,
    /// Directives, fragments expanded.
    pub directives: u64,
    /// Fields of the root, fragments expanded.
    pub root_fields: u64,
    /// Cost: a field is 1, and what is below a connection counts once for each row that was asked for.
    pub cost: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 100_000,
            tokens: 10_000,
            depth: 20,
            fields: 2_000,
            aliases: 100,
            directives: 50,
            root_fields: 30,
            cost: 100_000,
        }
    }
}

/// Which limit a document exceeds.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GuardError {
    /// More of something than allowed.
    #[error("The document has {found} {what}; at most {limit} are allowed.")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many there are, or where counting stopped.
        found: u64,
        /// How many may be.
        limit: u64,
    },
    /// A fragment that spreads itself.
    #[error("The fragment \"{0}\" spreads itself.")]
    Cycle(String),
}

impl GuardError {
    pub(crate) fn check(what: &'static str, found: u64, limit: u64) -> Result<(), Self> {
        if found > limit {
            return Err(Self::TooMany { what, found, limit });
        }
        Ok(())
    }
}

/// The names of the fields that return a connection, whose rows multiply what is selected below them.
#[derive(Clone, Debug, Default)]
pub struct ConnectionFields(HashSet<String>);

impl ConnectionFields {
    /// Reads them from a schema's SDL: each field whose type is named `…Connection`.
    ///
    /// # Errors
    ///
    /// When it is no SDL.
    pub fn from_sdl(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let definitions = parse_schema(sdl)?.definitions;
        let names = definitions
            .into_iter()
            .flat_map(fields)
            .map(|field| field.node)
            .filter(|field| is_connection(&field.ty.node.base))
            .map(|field| field.name.node.to_string());
        Ok(Self(names.collect()))
    }

    fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

fn fields(definition: TypeSystemDefinition) -> Vec<Positioned<FieldDefinition>> {
    let TypeSystemDefinition::Type(definition) = definition else {
        return Vec::new();
    };
    match definition.node.kind {
        TypeKind::Object(object) => object.fields,
        TypeKind::Interface(interface) => interface.fields,
        _ => Vec::new(),
    }
}

fn is_connection(base: &BaseType) -> bool {
    matches!(base, BaseType::Named(name) if name.ends_with("Connection"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_connections_in_sdl() {
        let fields = ConnectionFields::from_sdl(
            r#"type Query {
                runs(
                    "Which runs."
                    filter: RunFilter,
                    first: Int
                ): RunConnection!
                uses(first: Int): UseConnection
                run(id: ID!): Run
                nodes: [Node!]!
            }"#,
        )
        .unwrap();
        assert!(fields.contains("runs") && fields.contains("uses"));
        assert!(!fields.contains("run") && !fields.contains("nodes"));
    }

    #[test]
    fn finds_those_of_our_own_schema() {
        let fields = ConnectionFields::from_sdl(&crate::sdl()).unwrap();
        assert!(fields.contains("runs") && fields.contains("versions"));
    }
}
