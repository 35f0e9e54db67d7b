//! Outbound webhooks: events, signed, to the endpoints that subscribe to them.
//!
//! [`Outbound`] keeps the endpoints and does what people do with deliveries; behind it a courier sends.

mod authentication;
mod courier;
mod endpoint;
mod expressions;
mod headers;
mod keys;
mod replay;
mod resend;
mod schedule;
mod send_test;
mod sink;

use std::sync::Arc;
use std::time::Duration;

use jackfield_connected_apps::{SealError, Sealer};
use jackfield_egress::Egress;
use jackfield_storage::{Problem, StorageError, Store};

pub use endpoint::{AuthenticationInput, EndpointInput, HeaderInput, KEY_OVERLAP, Made};
pub use expressions::{Compiled, Expressions};
pub use replay::NewReplay;
pub use schedule::Schedule;
pub use send_test::SentTest;

/// Who the server's own work is done as.
const PART: &str = "outbound webhooks";

/// The source of events that somebody sends to try an endpoint.
pub const SOURCE_TEST: &str = "test";

pub use jackfield_storage::event::SOURCE_OPERATIONAL;

/// The types of the events that the sender itself publishes.
pub const OPERATIONAL: [&str; 2] = [EXHAUSTED, DISABLED];

/// Every attempt at a delivery has failed.
const EXHAUSTED: &str = "delivery.exhausted";

/// An endpoint was made inactive.
const DISABLED: &str = "endpoint.disabled";

/// Sends webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<courier::Shared>);

/// How webhooks are sent.
#[derive(Clone)]
pub struct OutboundConfig {
    /// How long a claimed delivery is nobody else's. It is renewed long before.
    pub lease: Duration,
    /// When a delivery that failed is tried again.
    pub schedule: Schedule,
    /// The language of filters and transformations.
    pub expressions: Arc<dyn Expressions>,
    /// An endpoint that has given nothing but failures for so long is made inactive.
    pub give_up: Duration,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The input has to be changed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<Problem>),
    /// The workspace has no such endpoint, delivery or replay.
    #[error("there is no such webhook endpoint, delivery or replay")]
    NotFound,
    /// What is secret could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Outbound {
    /// Begins to send. Must be called within a tokio runtime, once for a store.
    pub fn start(store: Store, egress: Egress, sealer: Sealer, config: OutboundConfig) -> Self {
        let (shared, recorded) = courier::Shared::new(store.clone(), egress, sealer, config);
        shared.start(recorded);
        store.deliver_events(Arc::new(courier::Sender(shared.clone())));
        Self(shared)
    }

    /// Sends nothing new, and waits a while for what is under way.
    pub async fn drain(&self, patience: Duration) {
        self.0.drain(patience).await;
    }
}
