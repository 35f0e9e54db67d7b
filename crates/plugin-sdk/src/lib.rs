//! Write Jackfield plugins in Rust.
//!
//! A node is a config struct with an `async fn`. It asks the host for what it needs (HTTP, time, randomness) through its
//! [`Context`]; it opens no sockets, starts no threads and never sees a credential's value. A whole plugin:
//!
//! ```
//! use jackfield_plugin_sdk::prelude::*;
//!
//! /// Finds out who owns a phone number.
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! struct PhoneLookup {
//!     /// With country code, e.g. `+15551234567`.
//!     phone_number: String,
//! }
//!
//! impl Node for PhoneLookup {
//!     const TYPE: &'static str = "phone-lookup";
//!     type Output = Output;
//!
//!     fn about() -> About {
//!         About::new("Phone lookup").icon("phone")
//!     }
//!
//!     async fn run(self, context: Context) -> Result<Output> {
//!         let url = "https://api.example.com/v1/lookup";
//!         let request = context.http().get(url).query("number", &self.phone_number);
//!         let owner: Value = request.send().await?.success()?.json()?;
//!         Ok(Output::data(&owner))
//!     }
//! }
//!
//! jackfield_plugin_sdk::export!(Plugin::new("phone", "1.0.0").node::<PhoneLookup>());
//! # let ran = jackfield_plugin_sdk::testing::node::<PhoneLookup>(json!({"phoneNumber": "+1555"}))
//! #     .reply(jackfield_plugin_sdk::testing::Reply::json(200, &json!({"name": "Ada"}))).run();
//! # assert_eq!(ran.output(), json!({"name": "Ada"}));
//! # assert_eq!(ran.requests[0].query, [("number".to_owned(), "+1555".to_owned())]);
//! ```
//!
//! Its `Cargo.toml` says `crate-type = ["cdylib"]` and depends on this crate, `serde` and `schemars`.
//!
//! # Config and its schema
//!
//! The config's JSON Schema is derived and is what a workflow is checked against when it is saved, what editors build
//! their form from and what error messages quote. Doc comments become descriptions; `#[schemars(title = "…")]`,
//! `#[schemars(example = …)]`, `#[serde(default)]`, `#[schemars(range(min = 1))]` and the like do what they say. Use
//! `deny_unknown_fields`, so that a misspelt key is an error. Leave the variants of an enum without doc comments: the
//! schema is then a plain `enum`, and errors list what is allowed.
//!
//! `#[derive(Config)]` says all of that shorter, and what an editor needs beyond JSON Schema (in the members
//! `x-jackfield`) with it. It stands for `Deserialize` and `JsonSchema`, names in camel case, and no unknown members:
//!
//! ```
//! # use jackfield_plugin_sdk::prelude::*;
//! #[derive(Config)]
//! struct Post {
//!     /// Where it is posted.
//!     #[field(label = "Channel", options = "channels", depends_on(team))]
//!     channel: String,
//!     team: Option<String>,
//!     /// What is said.
//!     #[field(widget = "textarea", placeholder = "Hello", max_length = 4000)]
//!     text: String,
//!     #[field(default = Urgency::Normal)]
//!     urgency: Urgency,
//!     /// Who is called.
//!     #[field(shown_when(urgency = ["high", "highest"]), advanced)]
//!     on_call: Option<String>,
//! }
//!
//! /// A list of names, in snake case; each may have a label and a comment.
//! #[derive(Config, Body)]
//! enum Urgency {
//!     Normal,
//!     High,
//!     /// Somebody is woken up.
//!     Highest,
//! }
//! # let schema = jackfield_plugin_sdk::schema_of::<Post>();
//! # assert_eq!(schema["properties"]["onCall"]["x-jackfield"]["shownWhen"], json!({"urgency": ["high", "highest"]}));
//! # assert_eq!(schema["properties"]["urgency"]["default"], "normal");
//! ```
//!
//! | `#[field(…)]` | Means |
//! |---|---|
//! | `label`, `placeholder`, `widget`, `language` `= "…"` | what the form shows; a label is made of the name unless given |
//! | `secret` | in a credential: it is encrypted when it is saved, and never shown again. Not for configs: these are kept and shown with their workflow, and `jackfield plugin check` warns |
//! | `options = "channels"`, `depends_on(team)` | choices that an [`OptionSource`] loads, again when another field changes |
//! | `resource = "sender_email"` | a resource of the connected app: a host puts its value in the place of its id, and the default where it is absent |
//! | `message_template = "email"` | a message template of that channel (or `"sms"`): the field is an `Option<Message>`, see [`Message`] |
//! | `shown_when(method = ["POST", "PUT"])` | only when another field has one of these values |
//! | `advanced` | shown on demand |
//! | `flatten` | the field is a config of its own, whose members stand in its place: for what several operations have in common |
//! | `default`, `default = 30` | may be absent |
//! | `example`, `min`, `max`, `min_length`, `max_length`, `pattern`, `format`, `name` `= …` | as in JSON Schema; another name |
//!
//! A field of the type [`PhoneNumber`] is an E.164 number, one of the types [`LngLat`] and [`LatLng`] a place, with schema and error.
//!
//! `#[config(open)]` on a struct lets unknown members pass, `#[config(label = "…")]` titles it. serde's and schemars' own
//! attributes work as well. Where a field goes in a request is the other half of `#[field(…)]`: see [`rest`].
//!
//! # Several operations
//!
//! A node with several [`Operations`] has a struct for each, which is a table ([`Rest`]) or code ([`Operation`]).
//!
//! # Awaiting
//!
//! Only host calls can be awaited: there is no reactor, and no thread to wait on. Futures combine as usual:
//! [`join_all`] keeps any number of requests in flight. A node that awaits something else (a timer or socket of another
//! runtime, a channel that nobody fills) fails with [`code::PLUGIN_FAULT`] and a message that says so.
//!
//! # Failing
//!
//! Return an [`Error`], with [`Error::retryable`] when trying again can help: the node's retry policy then applies, and
//! what is left after the last try leaves through the node's `error` port. To send something else through a port,
//! return [`Output::port`].
//!
//! # Tests
//!
//! The feature `testing` runs a node against scripted HTTP, without a host: see the module of that name.

// Derived code names this crate, also inside of it.
extern crate self as jackfield_plugin_sdk;

mod call;
mod context;
mod coordinates;
#[doc(hidden)]
pub mod derived;
#[doc(hidden)]
pub mod export;
mod http;
mod message;
mod money;
mod node;
mod operation;
mod options;
mod output;
mod phone_number;
mod plugin;
mod provider;
pub mod rest;
mod schema;
#[cfg(feature = "testing")]
pub mod testing;
mod trigger;

pub use call::Cancelled;
pub use context::{Context, Credential, Secret, Timestamp};
pub use coordinates::{Coordinates, InvalidCoordinates, LatLng, LngLat};
pub use futures_util::StreamExt;
pub use futures_util::future::{join, join_all, try_join, try_join_all};
pub use http::{Http, Request, Response, encode_form};
pub use jackfield_plugin_abi as abi;
pub use jackfield_plugin_abi::messages::{
    BlobRef, CallError as Error, CredentialTested, Example, HmacAlgorithm, Injection, Level,
    OptionChoice, Options, OptionsQuery, Resource, ResourceQuery, ResourceRef, ResourceStatus,
    ResourceVerified, Resources, ResponseBody, Retry, SignatureEncoding, TokenExchange,
    WebhookReply, When, code, feature, is_text, port,
};
pub use jackfield_plugin_sdk_derive::{Body, Config, Rest};
pub use message::Message;
pub use money::{Amount, AmountIn, Currency, Money, Portion, Price};
pub use node::{About, Node};
pub use operation::{Operation, Operations};
pub use options::OptionSource;
pub use output::{Output, Returned, Whole};
pub use phone_number::{InvalidPhoneNumber, PhoneNumber};
pub use plugin::Plugin;
pub use provider::{CredentialTest, HostWebhook, Provider, ProviderWebhook, ResourceType};
pub use rest::{Page, Rest};
pub use schema::{output_schema_of, schema_of};
pub use trigger::{Event, InboundRequest, Poll, Polled, Reception, Since, Webhook};

/// What a node returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that most plugins need.
pub mod prelude {
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
    pub use serde_json::{Value, json};

    pub use crate::{
        About, Body, Config, Context, Error, Node, Operation, Operations, Output, Page, Plugin,
        Provider, Rest, Result, Whole,
    };
}
