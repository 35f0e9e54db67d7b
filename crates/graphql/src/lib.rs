//! The GraphQL API: types, queries, mutations and subscriptions. It knows no HTTP: a server hands it [`Parameters`] and
//! a [`Caller`] and gets [`Answer`]s.
//!
//! A noun has a folder with its type; a verb on it has a file in that folder. What a resolver reads goes through the
//! finders of storage with a permit of the caller's, and what it reads for each thing of a list through [`loaders`].

// Each mutation is one more level in the layout of the merged schema's futures.
#![recursion_limit = "512"]
#![expect(
    clippy::too_many_arguments,
    reason = "arguments of a field of the API, named by those who ask"
)]

mod accounts;
mod api_key;
mod audit_log;
mod connected_app;
mod connection;
mod context;
mod credential_use;
mod delivery;
pub mod document;
mod errors;
mod event;
mod event_type;
mod expression;
mod follow;

pub mod guard;
mod inbound_hook;
mod invitation;
mod loaders;
mod message_template;
mod node;
mod node_type;
mod objects;
mod plugin;
mod provider;
mod replay;
mod request;
mod resource;
mod run;
mod scalars;
mod schema;
mod secret;
mod services;
mod session;
mod step;
mod user;
mod variable;
mod viewer;
mod webhook_endpoint;
mod workflow;
mod workspace;

pub use accounts::{
    AccountError, Accounts, ChangePassword, NewMember, OpenedSession, ResetPassword, SignIn, Switch,
};
pub use errors::Code;
pub use request::{Answer, Caller, Frame, Operation, OperationKind, Parameters};
pub use schema::{Api, ApiConfig, build, sdl};
pub use services::{MayReturn, MintedInvitation, MintedKey, MintedSession, Services, Tokens};
