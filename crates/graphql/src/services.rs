use std::sync::Arc;
use std::time::Duration;

use crate::accounts::Accounts;
use jackfield_connected_apps::ConnectedApps;
use jackfield_plugin_host::Host;
use jackfield_storage::access::Role;
use jackfield_storage::ids::{ApiKeyId, WorkspaceId};
use jackfield_storage::{Store, Timestamp};
use jackfield_webhooks::event_type::EventTypes;
use jackfield_webhooks::inbound::{Inbound, PublicUrl};
use jackfield_webhooks::outbound::Outbound;
use jackfield_webhooks::publish::Publisher;
use jackfield_workflows::Workflows;
use url::Url;

/// What resolvers work with.
#[derive(Clone)]
pub struct Services {
    /// Everything that is stored.
    pub store: Store,
    /// What workflows can do.
    pub workflows: Workflows,
    /// Credentials of providers.
    pub apps: ConnectedApps,
    /// The loaded plugins.
    pub host: Host,
    /// The catalogues of event types.
    pub event_types: EventTypes,
    /// Publishes events.
    pub publisher: Publisher,
    /// Receives webhooks, and keeps the hooks at which they arrive.
    pub inbound: Arc<Inbound>,
    /// Keeps webhook endpoints and sends to them.
    pub outbound: Outbound,
    /// Makes keys and tokens.
    pub tokens: Arc<dyn Tokens>,
    /// Signs users in.
    pub accounts: Arc<dyn Accounts>,
    /// What the URLs of inbound webhooks begin with.
    pub public_url: PublicUrl,
    /// Whether a person may be sent to that page after granting access.
    pub may_return: MayReturn,
}

/// Says whether people may be sent to a page.
pub type MayReturn = Arc<dyn Fn(&Url) -> bool + Send + Sync>;

/// Makes keys and tokens, in the one place that also checks them.
pub trait Tokens: Send + Sync {
    /// A new API key, not yet stored.
    fn api_key(&self) -> MintedKey;

    /// A new token of an invitation, not yet stored.
    fn invitation(&self) -> MintedInvitation;

    /// A new token for the reset of a password, not yet stored.
    fn password_reset(&self) -> MintedInvitation;

    /// A session token for the holder of an API key; `None` when it cannot be signed.
    fn session(
        &self,
        workspace: WorkspaceId,
        key: ApiKeyId,
        role: Role,
        lifetime: Duration,
    ) -> Option<MintedSession>;
}

/// An API key that was just made.
pub struct MintedKey {
    /// The whole key, to be shown once.
    pub secret: String,
    /// The first characters, to be shown later.
    pub prefix: String,
    /// SHA-256 of the whole key, to be stored.
    pub hash: Vec<u8>,
}

/// The token of an invitation, or of the reset of a password, that was just made.
pub struct MintedInvitation {
    /// The whole token, to be shown once.
    pub token: String,
    /// SHA-256 of it, to be stored.
    pub hash: Vec<u8>,
}

/// A session token that was just made.
pub struct MintedSession {
    /// The token.
    pub token: String,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}
