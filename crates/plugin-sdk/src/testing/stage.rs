use std::collections::BTreeMap;

use jackfield_plugin_abi::frame::{Attachments, encode};
use jackfield_plugin_abi::messages::{
    BlobRef, CREDENTIAL_TEST, Call, CredentialSlot, Header, NODE_EXECUTE, OPTIONS_LOAD,
    OptionsQuery, RESOURCE_LIST, RESOURCE_VERIFY, ReceivedRequest, ResourceQuery, ResourceRef,
    TRIGGER_POLL, WEBHOOK_RECEIVE,
};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::exchange::Exchanges;
use super::world::{Replies, World};
use super::{Ran, Reply, SentRequest, SignatureAsked, replay};
use crate::call::Coroutine;
use crate::{Node, Plugin};

/// A plugin that is about to be called. Made with [`plugin`].
pub struct Theatre(Plugin);

/// A call that is about to run. Made with [`node`] or by a [`Theatre`].
pub struct Stage {
    plugin: Plugin,
    operation: &'static str,
    node: String,
    provider: Option<String>,
    config: Box<RawValue>,
    input: Box<RawValue>,
    attachment: Vec<u8>,
    credentials: Vec<(String, String, Box<RawValue>)>,
    attempt: u32,
    world: World,
}

/// Puts a plugin on a stage, to call any of its operations.
pub fn plugin(plugin: Plugin) -> Theatre {
    Theatre(plugin)
}

/// Puts a node with this config on a stage.
pub fn node<N: Node>(config: Value) -> Stage {
    Theatre(Plugin::new("test", "0.0.0").node::<N>()).node(N::TYPE, config)
}

fn raw<T: serde::Serialize + ?Sized>(value: &T) -> Box<RawValue> {
    to_raw_value(value).expect("a value is JSON")
}

impl Theatre {
    /// Runs a node once: `node.execute`.
    pub fn node(self, node: &str, config: Value) -> Stage {
        Stage::new(self.0, NODE_EXECUTE, node, config, &Value::Null)
    }

    /// Asks a trigger what is new since `cursor`: `trigger.poll`.
    pub fn poll(self, node: &str, config: Value, cursor: Option<Value>) -> Stage {
        let mut input = json!({"limit": 100});
        if let Some(cursor) = cursor {
            input["cursor"] = cursor;
        }
        Stage::new(self.0, TRIGGER_POLL, node, config, &input)
    }

    /// Hands a request to a trigger: `webhook.receive`.
    pub fn receive(
        self,
        node: &str,
        config: Value,
        (method, url): (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Stage {
        let stage = Stage::new(self.0, WEBHOOK_RECEIVE, node, config, &Value::Null);
        stage.received(method, url, headers, body)
    }

    /// Hands a request to a provider's webhook: `webhook.receive`.
    pub fn provider_receive(
        self,
        provider: &str,
        (method, url): (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Stage {
        let stage = Stage::of_provider(self.0, WEBHOOK_RECEIVE, provider, &Value::Null);
        stage.received(method, url, headers, body)
    }

    /// Loads choices of a config field: `options.load`. `config` is what the user has filled in so far.
    pub fn options(self, node: &str, source: &str, config: Value) -> Stage {
        let query = OptionsQuery {
            source: source.to_owned(),
            ..OptionsQuery::default()
        };
        Stage::new(self.0, OPTIONS_LOAD, node, config, &query)
    }

    /// Tests a credential: `credential.test`.
    pub fn credential_test(self, provider: &str) -> Stage {
        Stage::of_provider(self.0, CREDENTIAL_TEST, provider, &json!({}))
    }

    /// Lists what an account has: `resource.list`.
    pub fn resources(self, provider: &str, resource_type: &str) -> Stage {
        let query = ResourceQuery {
            resource_type: resource_type.to_owned(),
            cursor: None,
        };
        Stage::of_provider(self.0, RESOURCE_LIST, provider, &query)
    }

    /// Asks whether a resource may be used: `resource.verify`.
    pub fn verify_resource(self, provider: &str, resource_type: &str, value: &str) -> Stage {
        let resource = ResourceRef {
            resource_type: resource_type.to_owned(),
            value: value.to_owned(),
        };
        Stage::of_provider(self.0, RESOURCE_VERIFY, provider, &resource)
    }
}

impl Stage {
    fn new<T: serde::Serialize + ?Sized>(
        plugin: Plugin,
        operation: &'static str,
        node: &str,
        config: Value,
        input: &T,
    ) -> Self {
        Self {
            plugin,
            operation,
            node: node.to_owned(),
            provider: None,
            config: raw(&config),
            input: raw(input),
            attachment: Vec::new(),
            credentials: Vec::new(),
            attempt: 1,
            world: World::new(),
        }
    }

    fn of_provider<T: serde::Serialize + ?Sized>(
        plugin: Plugin,
        operation: &'static str,
        provider: &str,
        input: &T,
    ) -> Self {
        let mut stage = Self::new(plugin, operation, "", json!({}), input);
        stage.provider = Some(provider.to_owned());
        stage.connected_app(provider, &json!({}))
    }

    fn received(mut self, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut attachments = Attachments::default();
        let headers = headers
            .iter()
            .map(|(name, value)| Header(name.to_lowercase().into(), (*value).into()));
        self.input = raw(&ReceivedRequest {
            method: method.into(),
            url: url.into(),
            headers: headers.collect(),
            body: attachments.attach(body),
        });
        self.attachment = body.to_vec();
        self
    }

    /// What comes in. Null unless given.
    #[must_use]
    pub fn input(mut self, input: &Value) -> Self {
        self.input = raw(input);
        self
    }

    /// The call has a connected app of this provider, with these settings.
    #[must_use]
    pub fn connected_app(mut self, provider: &str, settings: &Value) -> Self {
        let slot = CredentialSlot::DEFAULT.to_owned();
        self.credentials.retain(|(other, ..)| *other != slot);
        self.credentials
            .push((slot, provider.to_owned(), raw(settings)));
        self
    }

    /// A field of the credential, which the node can reveal and signatures are checked with.
    #[must_use]
    pub fn secret(mut self, field: &str, value: &str) -> Self {
        self.world
            .secrets
            .insert(field.to_owned(), value.to_owned());
        self
    }

    /// Decides whether a signature is right, instead of computing it.
    #[must_use]
    pub fn signatures(mut self, judge: impl Fn(&SignatureAsked) -> bool + 'static) -> Self {
        self.world.judge = Some(Box::new(judge));
        self
    }

    /// A stored body, which the node can read. Its reference is what the node finds in its input or config.
    #[must_use]
    pub fn blob(mut self, blob: &BlobRef, bytes: &[u8]) -> Self {
        self.world.blobs.insert(blob.id.clone(), bytes.to_vec());
        self
    }

    /// What time it is when the call begins, in microseconds since 1970; 2026-01-01 unless given.
    #[must_use]
    pub fn now(mut self, unix_micros: i64) -> Self {
        self.world.unix_micros = unix_micros;
        self
    }

    /// The bytes that the node draws at random, over and over; 0, 1, 2 … unless given.
    #[must_use]
    pub fn random(mut self, bytes: &[u8]) -> Self {
        self.world.random = bytes.to_vec();
        self
    }

    /// It is the nth try.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Answers the next request that has no reply yet.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        match &mut self.world.replies {
            Replies::Scripted(replies) => replies.push_back(reply),
            _ => self.world.replies = Replies::Scripted([reply].into()),
        }
        self
    }

    /// Answers every request.
    #[must_use]
    pub fn reply_with(mut self, reply: impl FnMut(&SentRequest) -> Reply + 'static) -> Self {
        self.world.replies = Replies::Computed(Box::new(reply));
        self
    }

    /// Answers as it was recorded, and holds the requests to the record. Give it
    /// `include_str!("fixtures/charge.json")`.
    ///
    /// # Panics
    /// When the text is no list of exchanges.
    #[must_use]
    #[track_caller]
    pub fn recorded(mut self, json: &str) -> Self {
        self.world.replies = Replies::Recorded(Exchanges::parse(json));
        self
    }

    pub(super) fn exchanges(mut self, exchanges: Exchanges) -> Self {
        self.world.replies = Replies::Recorded(exchanges);
        self
    }

    /// Runs the call to its end; then once more with the same answers, and once for each await at which it is dropped and
    /// cancelled.
    ///
    /// # Panics
    /// When the plugin sends more requests than there are replies or not those that were recorded, asks for something else
    /// on the second run, breaks when it is cancelled, or the messages are broken.
    #[track_caller]
    pub fn run(mut self) -> Ran {
        let mut world = std::mem::replace(&mut self.world, World::new());
        let journal = replay::first(self.open(), &mut world);
        let ran = world.finish(&journal);
        replay::again(self.open(), &journal);
        replay::stopped(|| self.open(), &journal);
        ran
    }

    fn open(&self) -> Coroutine {
        let slots = self
            .credentials
            .iter()
            .map(|(slot, provider, settings)| CredentialSlot {
                slot: slot.into(),
                provider: provider.into(),
                settings: Some(settings),
            });
        let call = Call {
            op: self.operation.into(),
            node: self.node.as_str().into(),
            provider: self.provider.as_deref().map(Into::into),
            config: &self.config,
            input: &self.input,
            credentials: slots.collect(),
            attempt: self.attempt,
            idempotency_key: "step_test".into(),
            timeout_ms: None,
            run: None,
        };
        let bytes = encode(&call, &self.attachment).expect("a call can be written");
        Coroutine::open(&self.plugin, &bytes).expect("a call can be read")
    }
}

/// What a stage knows by field or id.
pub(super) type Known<T> = BTreeMap<String, T>;
