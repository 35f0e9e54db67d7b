//! The definitions of versions, parsed once.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::{WorkflowVersionId, WorkspaceId};
use jackfield_storage::{Problem, ProblemCode, StorageError, workflow_version};
use parking_lot::Mutex;

use crate::definition::Definition;
use crate::workflow::Workflows;

/// How many parsed definitions are kept.
const KEPT: usize = 1_000;

/// Parsed definitions by version. A version never changes, so nothing here is ever stale.
#[derive(Default)]
pub(crate) struct Definitions(Mutex<HashMap<WorkflowVersionId, Arc<Definition>>>);

/// Why a version cannot be run.
#[derive(Debug, Clone)]
pub(crate) enum Unrunnable {
    /// There is no such version.
    Missing,
    /// It needs a node type that no plugin brings any more.
    PluginMissing(String),
    /// It was valid when it was saved, and no longer is.
    Invalid(String),
}

impl Workflows {
    /// The definition of a version.
    pub(crate) async fn definition(
        &self,
        workspace: WorkspaceId,
        version: WorkflowVersionId,
    ) -> Result<Result<Arc<Definition>, Unrunnable>, StorageError> {
        if let Some(definition) = self.0.definitions.0.lock().get(&version) {
            return Ok(Ok(definition.clone()));
        }
        let permit = Permit::<Read>::system(workspace, "engine");
        let Some(row) = workflow_version::find(self.0.store.reader(), &permit, version).await?
        else {
            return Ok(Err(Unrunnable::Missing));
        };
        let parsed = Definition::parse(&row.definition.value(), &self.0.catalogue);
        Ok(parsed
            .map_err(unrunnable)
            .map(|(_, definition)| self.0.definitions.keep(version, definition)))
    }
}

impl Definitions {
    fn keep(&self, version: WorkflowVersionId, definition: Definition) -> Arc<Definition> {
        let definition = Arc::new(definition);
        let mut kept = self.0.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(version, definition.clone());
        definition
    }
}

fn unrunnable(problems: Vec<Problem>) -> Unrunnable {
    if let Some(problem) = problems
        .iter()
        .find(|problem| problem.code == ProblemCode::UnknownNodeType)
    {
        return Unrunnable::PluginMissing(problem.message.clone());
    }
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Unrunnable::Invalid(told.join("; "))
}
