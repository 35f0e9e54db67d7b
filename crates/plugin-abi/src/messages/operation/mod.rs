//! What a host can call a plugin for. The arguments of an operation are the `input` of its [`Call`](super::Call), its
//! result is the `output` of the [`Outcome`](super::Outcome); the `port` matters to [`NODE_EXECUTE`] only.

mod credential;
mod options;
mod poll;
mod receive;
mod resource;

pub use credential::{CREDENTIAL_TEST, CredentialTested};
pub use options::{OPTIONS_LOAD, OptionChoice, Options, OptionsQuery};
pub use poll::{PollInput, Polled, TRIGGER_POLL, TriggerEvent};
pub use receive::{Accepted, Received, ReceivedRequest, Rejected, WEBHOOK_RECEIVE, WebhookReply};
pub use resource::{
    RESOURCE_LIST, RESOURCE_VERIFY, Resource, ResourceQuery, ResourceRef, ResourceStatus,
    ResourceVerified, Resources,
};

/// Run a node once: `input` is what came in through its input port, `output` what leaves through `port`.
pub const NODE_EXECUTE: &str = "node.execute";
