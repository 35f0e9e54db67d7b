//! What a document may cost, decided before the library's validators see it: they walk a fragment again each time it
//! is spread, so that a few hundred bytes can keep them busy for minutes. Here each fragment is measured once.

mod measure;
mod scan;
mod variables;

use std::collections::HashSet;

pub use measure::measure;
pub use scan::scan;
pub use variables::measure_variables;

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
    /// Values in the variables, those inside of lists and objects too.
    pub values: usize,
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
            values: 50_000,
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
    /// Reads them from a schema's SDL: each field whose type is named `…Connection!`.
    pub fn from_sdl(sdl: &str) -> Self {
        let field = |line: &str| {
            let (declaration, kind) = line.trim().rsplit_once(": ")?;
            kind.starts_with(char::is_alphabetic).then_some(())?;
            kind.trim_end_matches('!')
                .ends_with("Connection")
                .then_some(())?;
            let name = declaration
                .split_once('(')
                .map_or(declaration, |(name, _)| name);
            Some(name.to_owned())
        };
        Self(sdl.lines().filter_map(field).collect())
    }

    fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_connections_in_sdl() {
        let fields = ConnectionFields::from_sdl(
            "type Query {\n\truns(filter: RunFilter, first: Int): RunConnection!\n\trun(id: ID!): Run\n\tnodes: [Node!]!\n}",
        );
        assert!(fields.contains("runs"));
        assert!(!fields.contains("run") && !fields.contains("nodes"));
    }
}
