//! What is wrong with somebody's input, in the form in which they are told.

use std::fmt;

use serde::Serialize;

/// One thing that a caller has to change, with the path of the field it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The path from the input's root, list positions as numbers: `["definition", "nodes", "2"]`.
    pub field: Vec<String>,
    /// What kind of problem it is; stable.
    pub code: ProblemCode,
    /// A sentence for people that says what to do.
    pub message: String,
}

impl Problem {
    /// A problem with the field at `path`.
    pub fn new<P>(path: P, code: ProblemCode, message: impl Into<String>) -> Self
    where
        P: IntoIterator,
        P::Item: ToString,
    {
        Self {
            field: path.into_iter().map(|part| part.to_string()).collect(),
            code,
            message: message.into(),
        }
    }

    /// The same problem seen from an input in which this one is found under `parent`.
    #[must_use]
    pub fn under(mut self, parent: impl ToString) -> Self {
        self.field.insert(0, parent.to_string());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.join("."), self.message)
    }
}

/// The kinds of [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProblemCode {
    /// The field must be given.
    Required,
    /// The value does not have the form that the field wants.
    Invalid,
    /// What the field refers to does not exist in this workspace.
    NotFound,
    /// No plugin and no built-in provides this node type.
    UnknownNodeType,
    /// A plugin that was there when the version was saved is not any more.
    PluginMissing,
    /// The node has no such port.
    UnknownPort,
    /// No plugin provides this provider.
    UnknownProvider,
    /// The edges lead back to where they started.
    Cycle,
    /// The node's config does not match the node type's schema.
    InvalidConfig,
    /// This is no JSON Schema that can be used.
    InvalidSchema,
    /// The data does not match the JSON Schema of its event type.
    SchemaMismatch,
    /// The text between `{{` and `}}` cannot be parsed.
    InvalidExpression,
    /// The value is larger than the limit that the message names.
    TooLarge,
    /// The state of the object does not allow this.
    Conflict,
    /// The name or key is in use already.
    Taken,
    /// The address is one that this server must not reach.
    ForbiddenAddress,
    /// The caller's role does not allow this on this object.
    Forbidden,
    /// The provider does not take these credentials.
    CredentialsRefused,
    /// The provider could not be asked.
    ProviderUnreachable,
    /// It is in use; the message says by what, and how to do it nevertheless.
    InUse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_moves_under_the_field_that_holds_it() {
        let problem = Problem::new(["url"], ProblemCode::Invalid, "must be absolute")
            .under("config")
            .under(2);
        insta::assert_json_snapshot!(problem, @r#"
        {
          "field": [
            "2",
            "config",
            "url"
          ],
          "code": "INVALID",
          "message": "must be absolute"
        }
        "#);
    }
}
