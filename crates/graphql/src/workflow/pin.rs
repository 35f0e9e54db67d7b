use async_graphql::Object;
use jackfield_storage::pin;

use crate::scalars::{DateTime, JsonScalar};

/// What a node of a draft returns in test runs, instead of being executed.
#[derive(Clone)]
pub struct Pin(pub pin::Pin);

/// What a node of a draft returns in test runs, instead of being executed.
#[Object]
impl Pin {
    /// The node's key in the draft.
    async fn node_key(&self) -> &str {
        &self.0.node_key
    }

    /// Its output.
    async fn output(&self) -> JsonScalar {
        self.0.output.clone().into()
    }

    /// The port at which it leaves.
    async fn port(&self) -> &str {
        &self.0.port
    }

    /// When it was pinned.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}
