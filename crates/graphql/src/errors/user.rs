use async_graphql::{Enum, SimpleObject};
use jackfield_storage::{Problem, ProblemCode};

/// One thing that a mutation's input must change before it can be done. When there is any, nothing was saved.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The path of the field from `input` on, list positions as numbers; null when it is about the input as a whole.
    pub field: Option<Vec<String>>,
    /// What kind of problem it is.
    pub code: UserErrorCode,
    /// A sentence for people that says what to do.
    pub message: String,
}

impl UserError {
    /// Something that was named by an id in `input` does not exist.
    pub fn not_found(field: &str, what: &str) -> Self {
        Self {
            field: Some(vec!["input".to_owned(), field.to_owned()]),
            code: UserErrorCode::NotFound,
            message: format!("There is no such {what} in this workspace."),
        }
    }

    /// Something about `input` as a whole cannot be used.
    pub fn whole(code: UserErrorCode, message: impl Into<String>) -> Self {
        Self {
            field: None,
            code,
            message: message.into(),
        }
    }

    /// A field of `input` has a value that cannot be used.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: Some(vec!["input".to_owned(), field.to_owned()]),
            code: UserErrorCode::Invalid,
            message: message.into(),
        }
    }
}

impl From<Problem> for UserError {
    fn from(problem: Problem) -> Self {
        let field = problem.under("input");
        Self {
            field: Some(field.field),
            code: field.code.into(),
            message: field.message,
        }
    }
}

/// The kinds of problems that an input can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ProblemCode")]
pub enum UserErrorCode {
    /// The field must be given.
    Required,
    /// The value does not have the form that the field wants.
    Invalid,
    /// What the field refers to does not exist in this workspace.
    NotFound,
    /// No plugin and no built-in provides this node type.
    UnknownNodeType,
    /// The plugin that provided this node type is not there any more.
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
