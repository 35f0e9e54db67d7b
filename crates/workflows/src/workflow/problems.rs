use jackfield_storage::access::{Permit, Read};
use jackfield_storage::workflow_version::WorkflowVersion;
use jackfield_storage::{Problem, ProblemCode};

use super::{WorkflowError, Workflows, apps};
use crate::definition::Definition;

impl Workflows {
    /// What is wrong with a version now, though it was right when it was saved: plugins and connected apps may have gone
    /// since. Paths start at `definition`. Nothing is wrong when the list is empty.
    pub async fn problems(
        &self,
        permit: &Permit<Read>,
        version: &WorkflowVersion,
    ) -> Result<Vec<Problem>, WorkflowError> {
        let parsed = Definition::parse(&version.definition.value(), &self.0.catalogue.get());
        let mut problems = Vec::new();
        match parsed {
            Ok((_, definition)) => {
                apps::check(self.0.store.reader(), permit, &definition, &mut problems).await?;
            }
            Err(found) => problems.extend(found.into_iter().map(since)),
        }
        Ok(problems)
    }
}

/// A node type was known when the version was saved; if it is not now, its plugin is gone.
fn since(problem: Problem) -> Problem {
    if problem.code != ProblemCode::UnknownNodeType {
        return problem;
    }
    let message = format!(
        "{}; the plugin that brought it is not loaded any more, and runs fail with PLUGIN_MISSING until it is",
        problem.message
    );
    Problem {
        code: ProblemCode::PluginMissing,
        message,
        ..problem
    }
}
