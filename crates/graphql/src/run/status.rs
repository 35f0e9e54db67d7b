use async_graphql::Enum;
use jackfield_storage::run;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "run::RunStatus")]
pub enum RunStatus {
    /// Nobody works on it yet.
    Queued,
    /// A server works on it.
    Running,
    /// It waits for an instant, an event or a person.
    Waiting,
    /// It came to its end.
    Succeeded,
    /// It stopped at an error.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}
