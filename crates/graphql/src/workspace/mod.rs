//! Workspaces: the tenants.

use async_graphql::{ID, Object};
use jackfield_storage::workspace;

use crate::scalars::DateTime;

/// A tenant: everything else belongs to exactly one.
#[derive(Clone)]
pub struct Workspace(pub workspace::Workspace);

/// A tenant: everything else belongs to exactly one.
#[Object]
impl Workspace {
    /// The workspace's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}
