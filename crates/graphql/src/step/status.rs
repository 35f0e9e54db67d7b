use async_graphql::Enum;
use jackfield_storage::step;

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "step::StepStatus")]
pub enum StepStatus {
    /// Its turn has not come.
    Queued,
    /// It is being executed.
    Running,
    /// It waits for an instant, an event, a person or its next attempt.
    Waiting,
    /// It returned an output.
    Succeeded,
    /// Its attempts are used up.
    Failed,
    /// The run took another branch.
    Skipped,
    /// The server died while it was under way: whether it took effect is not known.
    Uncertain,
    /// The run was stopped.
    Cancelled,
}
