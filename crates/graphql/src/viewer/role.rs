use async_graphql::Enum;
use jackfield_storage::access;

/// What somebody may do. Each role may do all that the lesser ones may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "access::Role")]
pub enum Role {
    /// Sees everything but secrets.
    Viewer,
    /// Also edits workflows, starts runs and publishes events.
    Editor,
    /// Also manages connected apps, API keys and users, and reads the audit log.
    Admin,
    /// May do everything.
    Owner,
}
