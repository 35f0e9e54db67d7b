//! Variables in memory, so that a run reads them without a query.

use std::collections::HashMap;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::WorkspaceId;
use jackfield_storage::{StorageError, variable};
use parking_lot::Mutex;
use serde_json::{Map, Value as Document};

use crate::Workflows;
use crate::expression::{Value, from_json};

/// The variables of the workspaces that were asked for.
#[derive(Default)]
pub(crate) struct KnownVariables(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How often variables had changed when these were read.
    changes: u64,
    by_workspace: HashMap<WorkspaceId, Value>,
}

impl Workflows {
    /// `vars` of a workspace, if they are known and nothing has changed since.
    pub(crate) fn known_variables(&self, workspace: WorkspaceId) -> Option<Value> {
        let kept = self.0.variables.0.lock();
        let found = kept.by_workspace.get(&workspace);
        found
            .filter(|_| kept.changes == self.0.store.variable_changes())
            .cloned()
    }

    /// `vars` of a workspace.
    pub(crate) async fn variables(&self, workspace: WorkspaceId) -> Result<Value, StorageError> {
        if let Some(known) = self.known_variables(workspace) {
            return Ok(known);
        }
        // Asked first: what changes while they are read makes what was read out of date.
        let changes = self.0.store.variable_changes();
        let permit = Permit::<Read>::system(workspace, "engine");
        let value = from_json(&self.variables_document(&permit).await?);
        let mut kept = self.0.variables.0.lock();
        if kept.changes < changes {
            kept.changes = changes;
            kept.by_workspace.clear();
        }
        if kept.changes == changes {
            kept.by_workspace.insert(workspace, value.clone());
        }
        Ok(value)
    }

    /// `vars` as editors try expressions on them.
    pub async fn variables_document(
        &self,
        permit: &Permit<Read>,
    ) -> Result<Document, StorageError> {
        let all = variable::all(self.0.store.reader(), permit).await?;
        let members = all.into_iter().map(|row| (row.name, row.value.value()));
        Ok(Document::Object(members.collect::<Map<_, _>>()))
    }
}
