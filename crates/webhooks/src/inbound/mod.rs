//! Inbound webhooks: who sent, what happened, what starts.
//!
//! [`Inbound::accept`] is the whole way. Nothing is read out of a body before its sender is verified on the raw bytes, and
//! nobody is told "accepted" before the event and the runs that it starts are on disk in one transaction.

mod accept;
mod acknowledge;
mod admit;
mod append;
mod body;
mod challenge;
mod health;
mod hook;
mod identity;
mod kept;
mod listen;
mod plugin;
mod public_url;
mod rate;
mod reject;
mod replay;
mod request;
mod scope;
mod target;
mod verify;

use std::time::Duration;

use jackfield_connected_apps::{ConnectedApps, Sealer};
use jackfield_storage::Store;

pub use accept::AcceptError;
pub use hook::{ChangeHook, HookError, OVERLAP};
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use replay::ReplayError;
pub use request::{Accepted, Answer, InboundRequest, Rejected, Reply};
pub use verify::Refusal;

use health::Counts;
use listen::Noted;
use rate::Rates;
use reject::TraceLimit;
use target::Targets;

/// The largest body that is accepted unless the configuration says otherwise, in bytes.
pub const MAX_BODY: usize = 1 << 20;

/// Who does what no caller has asked for.
const PART: &str = "inbound";

/// How webhooks are received.
#[derive(Clone, Debug)]
pub struct InboundConfig {
    /// Where providers reach this server. Some sign the URL that they were given.
    pub public_url: PublicUrl,
    /// The largest body that is accepted, in bytes.
    pub max_body: usize,
    /// For how long an event is recognised when it is sent again. Later the same id is a new event.
    pub dedupe_window: Duration,
    /// How many requests a second a hook takes that says nothing of it; any number when absent.
    pub max_per_second: Option<u32>,
}

/// Receives webhooks.
pub struct Inbound {
    store: Store,
    apps: ConnectedApps,
    config: InboundConfig,
    traces: TraceLimit,
    targets: Targets,
    rates: Rates,
    counts: Counts,
    noted: Noted,
}

impl Inbound {
    /// Receives for the hooks in `store` and those of `apps`.
    pub fn new(store: Store, apps: ConnectedApps, config: InboundConfig) -> Self {
        Self {
            store,
            apps,
            config,
            traces: TraceLimit::default(),
            targets: Targets::default(),
            rates: Rates::default(),
            counts: Counts::default(),
            noted: Noted::default(),
        }
    }

    fn sealer(&self) -> &Sealer {
        self.apps.sealer()
    }
}
