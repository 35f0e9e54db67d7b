//! Webhook endpoints: the addresses of others, to which events are sent.

mod authentication;
mod find;
mod health;

pub use authentication::{Authentication, ClientAuthentication, OAuth2};
pub use find::{WebhookEndpointFilter, all, count, find, find_many, list};
pub use health::{mark_failing, mark_healthy};

use sea_orm::entity::prelude::*;

use crate::{
    Channels, Json, Timestamp,
    ids::{WebhookEndpointId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// How what is sent to an endpoint is signed.
    pub enum Algorithm {
        /// With a key that both sides know.
        HmacSha256 => "HMAC_SHA256",
        /// With a private key; whoever receives knows the public one.
        Ed25519 => "ED25519",
    }
}

text_enum! {
    /// What the headers of the signature are called.
    pub enum HeaderStyle {
        /// `webhook-id`, `webhook-timestamp`, `webhook-signature`.
        Webhook => "WEBHOOK",
        /// `svix-id`, `svix-timestamp`, `svix-signature`.
        Svix => "SVIX",
    }
}

text_enum! {
    /// In which order an endpoint gets its events.
    pub enum Ordering {
        /// Several at a time, each as soon as possible.
        Parallel => "PARALLEL",
        /// One after the other, in the order of the log: an event is sent when the one before it has arrived or was given
        /// up.
        Strict => "STRICT",
    }
}

/// An address to which events are sent.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookEndpointId,
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub name: String,
    pub url: String,
    pub description: String,
    /// Whether new events are sent to it.
    pub active: bool,
    /// The types that it gets, or what they begin with, followed by `*`; see [`Model::types`]. All when empty.
    pub event_types: Json,
    /// Only events that share one of these are sent to it; all when there are none.
    pub channels: Channels,
    /// The names of the headers that are sent besides; see [`Model::header_names`].
    pub header_names: Json,
    /// Those headers with their values, sealed.
    pub sealed_headers: Option<Vec<u8>>,
    /// How the server proves itself to it, without what is secret; see [`Model::authentication`].
    pub authentication: Option<Json>,
    /// The secret of that, sealed.
    pub sealed_authentication: Option<Vec<u8>>,
    pub algorithm: Algorithm,
    pub header_style: HeaderStyle,
    /// How many requests a second it gets at most, from all nodes together.
    pub rate_limit: Option<i32>,
    /// How long it may take to answer, in milliseconds.
    pub timeout_ms: i64,
    pub ordering: Ordering,
    /// With [`Ordering::Strict`]: where in the data the key is found; the order holds for each value of it by itself.
    pub ordering_path: Option<String>,
    /// An expression about the event: only those for which it is true are sent.
    pub filter: Option<String>,
    /// The body that is sent in place of the usual one, with expressions about the event in it.
    pub transformation: Option<Json>,
    /// The signing keys, sealed.
    pub sealed: Vec<u8>,
    /// Why the server, and not a person, made it inactive.
    pub disabled_reason: Option<String>,
    /// Since when nothing but failures was seen.
    pub failing_since: Option<Timestamp>,
    /// With a rate limit: when the next request may be sent that no node has been promised yet.
    pub next_slot: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Deleted endpoints stay, for the history that refers to them.
    pub deleted_at: Option<Timestamp>,
    /// The log position of the last change.
    pub revision: i64,
}

/// A webhook endpoint as it is stored.
pub type WebhookEndpoint = Model;

impl Model {
    /// The event types it asks for.
    pub fn types(&self) -> Vec<String> {
        self.event_types.parse().unwrap_or_default()
    }

    /// The names of the headers that are sent besides.
    pub fn header_names(&self) -> Vec<String> {
        self.header_names.parse().unwrap_or_default()
    }
}

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
