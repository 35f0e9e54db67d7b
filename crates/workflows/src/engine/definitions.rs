//! The definitions of versions, parsed once.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::{WorkflowVersionId, WorkspaceId};
use jackfield_storage::{Json, Problem, ProblemCode, StorageError, workflow_version};
use parking_lot::Mutex;

use crate::definition::{Definition, Document};
use crate::workflow::{VersionProblem, Workflows};

/// How many parsed definitions are kept.
const KEPT: usize = 1_000;

/// Parsed definitions by version. A version never changes, but the node types do that it was parsed with.
#[derive(Default)]
pub(crate) struct Definitions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// The number of the catalogue that all of them were parsed with.
    catalogue: u64,
    by_version: HashMap<WorkflowVersionId, Arc<Definition>>,
}

/// Why a version cannot be run.
#[derive(Debug, Clone)]
pub(crate) enum Unrunnable {
    /// There is no such version.
    Missing,
    /// A node of it needs a plugin that is not loaded any more.
    PluginMissing(VersionProblem),
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
        let (number, catalogue) = self.0.catalogue.numbered();
        if let Some(definition) = self.0.definitions.get(number, version) {
            return Ok(Ok(definition));
        }
        let permit = Permit::<Read>::system(workspace, "engine");
        let Some(row) = workflow_version::find(self.0.store.reader(), &permit, version).await?
        else {
            return Ok(Err(Unrunnable::Missing));
        };
        let parsed = Definition::parse(&row.definition.value(), &catalogue);
        Ok(parsed
            .map_err(|problems| unrunnable(&row.definition, problems))
            .map(|(_, definition)| self.0.definitions.keep(number, version, definition)))
    }
}

impl Workflows {
    /// The definition of a version, if it was used before and the node types have not changed since.
    pub(crate) fn known_definition(&self, version: WorkflowVersionId) -> Option<Arc<Definition>> {
        let (number, _) = self.0.catalogue.numbered();
        self.0.definitions.get(number, version)
    }
}

impl Definitions {
    fn get(&self, catalogue: u64, version: WorkflowVersionId) -> Option<Arc<Definition>> {
        let kept = self.0.lock();
        let found = kept.by_version.get(&version);
        found.filter(|_| kept.catalogue == catalogue).cloned()
    }

    fn keep(
        &self,
        catalogue: u64,
        version: WorkflowVersionId,
        definition: Definition,
    ) -> Arc<Definition> {
        let definition = Arc::new(definition);
        let mut kept = self.0.lock();
        if kept.by_version.len() >= KEPT || kept.catalogue != catalogue {
            kept.by_version.clear();
            kept.catalogue = catalogue;
        }
        kept.by_version.insert(version, definition.clone());
        definition
    }
}

fn unrunnable(definition: &Json, problems: Vec<Problem>) -> Unrunnable {
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let mut problems = problems.into_iter();
    let gone = problems.find(|problem| problem.code == ProblemCode::UnknownNodeType);
    match (gone, definition.parse::<Document>()) {
        (Some(gone), Ok(document)) => {
            Unrunnable::PluginMissing(VersionProblem::of(&document, gone))
        }
        _ => Unrunnable::Invalid(told.join("; ")),
    }
}
