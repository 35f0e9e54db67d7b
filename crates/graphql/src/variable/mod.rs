//! Variables: what expressions read as `vars`.

mod delete;
mod list;
mod outcome;
mod set;
mod version;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::variable;

use crate::context::ContextExt;
use crate::scalars::{DateTime, JsonScalar};
pub use delete::DeleteVariable;
pub use list::ListVariables;
pub use set::SetVariable;
use version::VariableVersion;

/// A value of the workspace that expressions read as `vars.<name>`. It is no place for secrets: whoever may read sees it.
#[derive(Clone)]
pub struct Variable(pub variable::Variable);

/// A value of the workspace that expressions read as `vars.<name>`. It is no place for secrets: whoever may read sees it.
#[Object]
impl Variable {
    /// The variable's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What expressions call it; unique in the workspace.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What expressions get.
    async fn value(&self) -> JsonScalar {
        JsonScalar(self.0.value.clone())
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// How many values it has had, this one included.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Who changed it last: the id of an API key, or `user:` with a subject.
    async fn updated_by(&self) -> &str {
        &self.0.updated_by
    }

    /// The last hundred values, newest first.
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<VariableVersion>> {
        let found = ctx.loaders()?.variable_versions.load(self.0.id).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(VariableVersion)
            .collect())
    }
}
