use async_graphql::{ID, Object};
use jackfield_storage::delivery_attempt;

use super::status::{AttemptStatus, AttemptTrigger};
use crate::scalars::{DateTime, JsonScalar};

/// One attempt at a delivery.
#[derive(Clone)]
pub struct DeliveryAttempt(pub delivery_attempt::DeliveryAttempt);

/// One attempt at a delivery.
#[Object]
impl DeliveryAttempt {
    /// The attempt's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Which attempt at the delivery it is, from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// How it ended.
    async fn status(&self) -> AttemptStatus {
        self.0.status.into()
    }

    /// Why it was made.
    async fn trigger(&self) -> AttemptTrigger {
        self.0.cause.into()
    }

    /// The status of the answer; null when there was none.
    async fn status_code(&self) -> Option<i32> {
        self.0.status_code
    }

    /// How long it took, in milliseconds.
    async fn duration_ms(&self) -> i64 {
        self.0.duration_ms
    }

    /// The headers of the request by name, with custom ones masked.
    async fn request_headers(&self) -> JsonScalar {
        self.0.request_headers.clone().into()
    }

    /// The beginning of the answer's body, 16 KiB at most; null when there was no answer.
    async fn response_body(&self) -> Option<&str> {
        self.0.response_body.as_deref()
    }

    /// Why it failed: a stable code, a colon and a sentence; null when it succeeded.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// When it was made.
    async fn attempted_at(&self) -> DateTime {
        self.0.attempted_at.into()
    }
}
