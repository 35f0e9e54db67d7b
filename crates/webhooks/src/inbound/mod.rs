//! Inbound webhooks: who sent, what happened, what starts.
//!
//! [`Inbound::accept`] is the whole way. Nothing is read out of a body before its sender is verified on the raw bytes, and
//! nobody is told "accepted" before the event and the runs that it starts are on disk in one transaction.

mod accept;
mod body;
mod challenge;
mod identity;
mod public_url;
mod reject;
mod request;
mod scope;
mod target;
mod verify;

use jackfield_connected_apps::Sealer;
use jackfield_storage::Store;

pub use accept::AcceptError;
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use request::{Accepted, Answer, InboundRequest, Rejected};
pub use verify::Refusal;

use reject::TraceLimit;
use target::Targets;

/// The largest body that is accepted unless the configuration says otherwise, in bytes.
pub const MAX_BODY: usize = 1 << 20;

/// How webhooks are received.
#[derive(Clone, Debug)]
pub struct InboundConfig {
    /// Where providers reach this server. Some sign the URL that they were given.
    pub public_url: PublicUrl,
    /// The largest body that is accepted, in bytes.
    pub max_body: usize,
}

/// Receives webhooks.
pub struct Inbound {
    store: Store,
    sealer: Sealer,
    config: InboundConfig,
    traces: TraceLimit,
    targets: Targets,
}

impl Inbound {
    /// Receives for the hooks in `store`, whose secrets `sealer` opens.
    pub fn new(store: Store, sealer: Sealer, config: InboundConfig) -> Self {
        Self {
            store,
            sealer,
            config,
            traces: TraceLimit::default(),
            targets: Targets::default(),
        }
    }
}
