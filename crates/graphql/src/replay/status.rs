use async_graphql::Enum;
use jackfield_storage::replay;

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "replay::ReplayStatus")]
pub enum ReplayStatus {
    /// It goes on by itself.
    Running,
    /// It waits for `resumeReplay`.
    Paused,
    /// All its events are on their way.
    Finished,
    /// It was ended by `cancelReplay`, or its endpoint was deleted.
    Cancelled,
}

/// Which of the events that match are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "replay::ReplayScope")]
pub enum ReplayScope {
    /// All.
    All,
    /// Those that have not arrived at the endpoint and are not on their way: what has failed is sent again, and what was never
    /// sent is sent.
    Missing,
}
