//! What host and plugin say to each other, one type per message.
//!
//! | Direction | Message | Carried by |
//! |---|---|---|
//! | host → plugin | [`HostInfo`] | `jf_host_v1.info_json` |
//! | plugin → host | [`Manifest`] | `describe` |
//! | host → plugin | [`Call`] | `open` |
//! | host → plugin | [`Events`] | `resume` |
//! | plugin → host | [`Turn`]: [`Effect`]s, then an [`Outcome`] or a [`CallError`] | `resume` |
//!
//! Messages borrow from the frame they were decoded from; what a host keeps (manifest, outcome, error) is owned. Members
//! that a side does not know are ignored, so that either side may be older.

mod call;
mod effect;
mod error;
mod event;
mod host;
mod http;
mod manifest;
mod operation;
mod outcome;

pub use call::{Call, CredentialSlot, RunInfo};
pub use effect::{
    BlobRead, Effect, EffectKind, HmacAlgorithm, HmacVerify, Level, Log, Now, Progress, Random,
    SecretReveal, SignatureEncoding, Sleep, Turn,
};
pub use error::{CallError, code};
pub use event::{
    Answer, BlobBytes, Cancel, Empty, Event, Events, RandomBytes, SecretValue, Time, Verified,
};
pub use host::{HostInfo, Limits, feature};
pub use http::{BlobRef, Header, HttpRequest, HttpResponse, ResponseBody, is_text};
pub use manifest::{
    Example, ExampleError, ExampleExchange, ExampleRequest, ExampleResponse, Injection, Manifest,
    NodeManifest, PollTrigger, Port, ProviderManifest, ResourceManifest, SchemeManifest,
    TokenExchange, Trigger, WebhookEventType, WebhookManifest, WebhookTrigger, When, capability,
    port,
};
pub use operation::{
    Accepted, CREDENTIAL_TEST, CredentialTested, NODE_EXECUTE, OPTIONS_LOAD, OptionChoice, Options,
    OptionsQuery, PollInput, Polled, RESOURCE_LIST, RESOURCE_VERIFY, Received, ReceivedRequest,
    Rejected, Resource, ResourceQuery, ResourceRef, ResourceStatus, ResourceVerified, Resources,
    TRIGGER_POLL, TriggerEvent, WEBHOOK_RECEIVE, WebhookReply,
};
pub use outcome::{Outcome, Retry};
