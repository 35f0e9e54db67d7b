//! Everything that Jackfield keeps: entities, finders, and the one writer.
//!
//! - [`Store::open`] connects to SQLite or PostgreSQL, brings the schema up to date and starts the
//!   writer. A `Store` is cheap to clone.
//! - A noun has a module ([`event`], [`run`], [`workflow`], …) with its row and its finders. A
//!   finder takes a [`Permit`](access::Permit) and never leaves its workspace; those few that
//!   cannot have one, such as the search for the key that a caller presents, say so.
//! - [`Writer`] is the only way to write. It gathers what arrives while a commit runs and commits
//!   it as one batch; each caller is answered after its own commit.
//! - [`Store::changes`] tells what was committed, in order.

pub mod access;
pub mod api_key;
pub mod app_grant;
pub mod app_turn;
pub mod audit_log;
pub mod blob;
mod changes;
mod channels;
mod clock;
mod columns;
pub mod connected_app;
pub mod credential_use;
pub mod delivery;
pub mod delivery_attempt;
pub mod endpoint_health;
mod error;
pub mod event;
pub mod event_type;
pub mod event_type_version;
pub mod event_wait;
pub mod hook_health;
pub mod ids;
pub mod inbound_hook;
pub mod inbound_request;
pub mod invitation;
mod json;
mod like;
pub mod membership;
pub mod message_template;
pub mod oauth_state;
pub mod page;
pub mod password_reset;
pub mod payload;
pub mod pin;
pub mod poll;
mod problem;
mod reader;
pub mod rejection;
pub mod replay;
pub mod resource;
pub mod retention;
pub mod run;
pub mod sealed;
pub mod sign_in_failure;
pub mod signal;
pub mod step;
mod store;
mod text_enum;
mod timestamp;
pub mod trigger;
pub mod turn;
pub mod user;
pub mod user_session;
pub mod variable;
pub mod variable_version;
pub mod webhook_endpoint;
pub mod workflow;
pub mod workflow_version;
pub mod workspace;
mod writer;

pub use changes::{Change, Changes, Elsewhere};
pub use channels::{Channels, InvalidChannels};
pub use clock::Clock;
pub use error::StorageError;
pub use json::Json;
pub use page::{Cursor, Order, Page, Size, Slice};
pub use problem::{Problem, ProblemCode};
pub use reader::{ReadRows, Reader};
pub use store::{OpenError, Store, StoreConfig};
pub use text_enum::UnknownWord;
pub use timestamp::Timestamp;
pub use writer::{
    Advance, AdvanceError, Append, Appended, Attempted, Besides, Call, Claim, ClaimedDelivery,
    Courier, Executed, Executor, Lease, Matcher, NewDelivery, NewEvent, NewRun, Parent, Start,
    Started, Writer,
};

/// What the rare writes of a [`Writer::call`] are made with.
pub use sea_orm;
