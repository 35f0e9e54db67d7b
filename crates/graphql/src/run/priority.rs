use async_graphql::Enum;
use jackfield_storage::run;

/// Which of several runs that are due begins first. A run goes before one of the next higher priority when it has waited
/// ten minutes longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "run::Priority")]
pub enum RunPriority {
    /// Before the others.
    High,
    /// What a run has unless something else is said.
    Normal,
    /// After the others.
    Low,
}

/// What becomes of a run when as many of its workflow as may be are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "run::OnFull")]
pub enum OnFull {
    /// It stays queued until another one is over.
    Queue,
    /// It is cancelled before it begins, with the error `CONCURRENCY_LIMIT`.
    Drop,
    /// The oldest one is cancelled and it takes its place.
    CancelOldest,
}
