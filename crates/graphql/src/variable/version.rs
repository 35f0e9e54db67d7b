use async_graphql::Object;
use jackfield_storage::variable_version;

use crate::scalars::{DateTime, JsonScalar};

/// A value that a variable has, or once had.
#[derive(Clone)]
pub struct VariableVersion(pub variable_version::VariableVersion);

/// A value that a variable has, or once had.
#[Object]
impl VariableVersion {
    /// 1 for the first, then counted up.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// The value.
    async fn value(&self) -> JsonScalar {
        JsonScalar(self.0.value.clone())
    }

    /// From when on it held.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Who gave it: the id of an API key, or `user:` with a subject.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }
}
