use async_graphql::Enum;
use jackfield_storage::{delivery, delivery_attempt};

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "delivery::DeliveryStatus")]
pub enum DeliveryStatus {
    /// It is being sent, or will be.
    Pending,
    /// The endpoint has taken it.
    Succeeded,
    /// Every attempt has failed: a dead letter. `resendDelivery` and `replayEvents` send it again.
    Failed,
    /// Its endpoint was deleted or made inactive before it had arrived.
    Cancelled,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "delivery_attempt::AttemptStatus")]
pub enum AttemptStatus {
    /// The endpoint answered with a status from 200 to 299.
    Succeeded,
    /// Anything else.
    Failed,
}

/// Why an attempt was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "delivery_attempt::AttemptCause")]
pub enum AttemptTrigger {
    /// The event was published or replayed, or the time for the next attempt had come.
    Schedule,
    /// Somebody asked for it.
    Manual,
}
