use async_graphql::{ID, Object};
use jackfield_storage::rejection;

use crate::scalars::DateTime;

/// A webhook that was turned away, so that somebody who sets one up sees what went wrong.
#[derive(Clone)]
pub struct Rejection(pub rejection::Rejection);

impl From<rejection::Rejection> for Rejection {
    fn from(row: rejection::Rejection) -> Self {
        Self(row)
    }
}

/// A webhook that was turned away, so that somebody who sets one up sees what went wrong.
#[Object(name = "InboundRejection")]
impl Rejection {
    /// The trace's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Why, as a stable code, such as `BAD_SIGNATURE`.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Why, in a sentence.
    async fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The length of the request's body in bytes.
    async fn size(&self) -> i32 {
        i32::try_from(self.0.size).unwrap_or(i32::MAX)
    }

    /// When it arrived.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }
}
