//! Every check there is. `docs/plugins/check.md` lists the same, and a test compares the two.

/// A check: its id, what it is about, and what to do when it fails.
#[derive(Debug)]
pub struct Rule {
    /// The stable part of its id.
    pub key: &'static str,
    /// What follows in the id, such as a node type, where there is one check for each.
    pub per: Option<&'static str>,
    /// What has to be true.
    pub holds: &'static str,
    /// What to do when it is not.
    pub remedy: &'static str,
}

impl Rule {
    /// The id as it is documented, e.g. `node.run.<type>`.
    pub fn pattern(&self) -> String {
        match self.per {
            Some(per) => format!("{}.<{per}>", self.key),
            None => self.key.to_owned(),
        }
    }
}

pub(super) const LIBRARY: Rule = Rule {
    key: "abi.library",
    per: None,
    holds: "The file is a library that loads in the sandbox, within the time and memory that a server gives it.",
    remedy: "Build a shared library for this machine without dependencies that it may not have; constructors must not crash, wait, open files or start processes.",
};
pub(super) const ENTRY: Rule = Rule {
    key: "abi.entry",
    per: None,
    holds: "It exports `jackfield_plugin_entry_v1`, which accepts this host and returns a table.",
    remedy: "Export the entry with JF_EXPORT, and return the address of a static table.",
};
pub(super) const SIZES: Rule = Rule {
    key: "abi.sizes",
    per: None,
    holds: "The table's `size` is that of ABI 1 and none of its functions is NULL.",
    remedy: "Set size to sizeof(jf_plugin_v1) and fill in describe, open, resume and close.",
};
pub(super) const DESCRIBE: Rule = Rule {
    key: "abi.describe",
    per: None,
    holds: "`describe` returns JF_DONE and the same bytes each time.",
    remedy: "Write one frame and return JF_DONE, without effects, clocks or chance.",
};
pub(super) const MANIFEST: Rule = Rule {
    key: "manifest.schema",
    per: None,
    holds: "The manifest is what the message format says, and this server understands all of it.",
    remedy: "Correct the member that is named; the JSON Schema of the manifest has the format.",
};
pub(super) const VERSION: Rule = Rule {
    key: "manifest.version",
    per: None,
    holds: "`version` is a SemVer version.",
    remedy: "Number versions like 1.4.0, so that operators can tell an upgrade.",
};
pub(super) const TEXTS: Rule = Rule {
    key: "manifest.texts",
    per: None,
    holds: "The plugin, its nodes, ports and providers have a description.",
    remedy: "Describe what is named in a sentence: editors show it to people.",
};
pub(super) const HOSTS: Rule = Rule {
    key: "manifest.hosts",
    per: None,
    holds: "The hosts that the plugin wants to reach are named, token endpoints among them.",
    remedy: "Name the hosts instead of *, and those of token endpoints too: an operator has to grant them.",
};
pub(super) const SCHEMA: Rule = Rule {
    key: "node.config-schema",
    per: Some("type"),
    holds: "The node's config schema is valid JSON Schema 2020-12 of an object.",
    remedy: "Correct the schema at the place that is named.",
};
pub(super) const DESCRIPTIONS: Rule = Rule {
    key: "node.config-descriptions",
    per: Some("type"),
    holds: "Each property of the config has a type and a description.",
    remedy: "Add a description to each property that is named: it is what people see when they fill it in.",
};
pub(super) const CONFIG_EXAMPLES: Rule = Rule {
    key: "node.config-examples",
    per: Some("type"),
    holds: "Examples and defaults in the config schema, and the configs of the examples of the node, are valid.",
    remedy: "Correct the example or the schema; people copy examples.",
};
pub(super) const CONFIG_SECRETS: Rule = Rule {
    key: "node.config-secrets",
    per: Some("type"),
    holds: "The node's config has no secrets.",
    remedy: "Move it into the credential of a provider, which is encrypted; a config is kept and shown with its workflow.",
};
pub(super) const OUTPUT_SCHEMA: Rule = Rule {
    key: "node.output-schema",
    per: Some("type"),
    holds: "The node's output schema is valid JSON Schema 2020-12.",
    remedy: "Correct the schema at the place that is named.",
};
pub(super) const PROVIDER: Rule = Rule {
    key: "provider.schema",
    per: Some("provider"),
    holds: "The schemas of the provider's credentials are valid, and secrets are marked.",
    remedy: "Correct the schema, and give secrets \"writeOnly\": true so that they are never shown.",
};
pub(super) const TIME: Rule = Rule {
    key: "load.time",
    per: None,
    holds: "A process with the plugin is ready soon.",
    remedy: "Do nothing in constructors and in the entry; build tables when they are first needed, and strip debug information.",
};
pub(super) const MEMORY: Rule = Rule {
    key: "load.memory",
    per: None,
    holds: "A process with the plugin needs little memory.",
    remedy: "Allocate when a call needs it, and embed less data.",
};
pub(super) const OUTPUT_STREAMS: Rule = Rule {
    key: "process.output",
    per: None,
    holds: "The plugin prints nothing.",
    remedy: "Say it with the log effect: what is printed is for nobody, and costs the operator room in the log.",
};
pub(super) const THREADS: Rule = Rule {
    key: "process.threads",
    per: None,
    holds: "The plugin starts no threads.",
    remedy: "Do without: the host does what takes long, and a thread must not touch the host.",
};
pub(super) const SIGNALS: Rule = Rule {
    key: "process.signals",
    per: None,
    holds: "The plugin installs no signal handlers.",
    remedy: "Remove the handler (rule R3).",
};
pub(super) const BAD_FRAMES: Rule = Rule {
    key: "frame.bad-length",
    per: None,
    holds: "A call in a frame whose lengths are wrong is refused.",
    remedy: "Compare both lengths with the bytes that came before reading on, and return JF_E_MALFORMED.",
};
pub(super) const BAD_TEXT: Rule = Rule {
    key: "frame.bad-json",
    per: None,
    holds: "A call that is not UTF-8, not JSON or nested without end is refused.",
    remedy: "Use a JSON parser with a limit on depth, and return JF_E_MALFORMED.",
};
pub(super) const BAD_EVENTS: Rule = Rule {
    key: "frame.bad-events",
    per: Some("type"),
    holds: "Events in a bad frame are refused at each await.",
    remedy: "As for calls: check the lengths, and return JF_E_MALFORMED.",
};
pub(super) const UNKNOWN_OPERATION: Rule = Rule {
    key: "call.unknown-operation",
    per: None,
    holds: "An operation that the plugin does not know ends with the error UNSUPPORTED.",
    remedy: "Let open succeed, and answer the first resume with the error UNSUPPORTED: newer hosts ask for more.",
};
pub(super) const UNKNOWN_NODE: Rule = Rule {
    key: "call.unknown-node",
    per: None,
    holds: "A node that the plugin does not have ends with the error UNSUPPORTED.",
    remedy: "Let open succeed, and answer the first resume with the error UNSUPPORTED.",
};
pub(super) const UNUSABLE_CONFIG: Rule = Rule {
    key: "call.bad-config",
    per: Some("type"),
    holds: "A config that is nothing like the schema ends with an error.",
    remedy: "Check the config before using it, and report INVALID_CONFIG with the member that is wrong.",
};
pub(super) const RUN: Rule = Rule {
    key: "node.run",
    per: Some("type"),
    holds: "The node keeps the rules of a call, whatever it is answered: success, refusal, an error of the host, rubbish.",
    remedy: "Mend what is named; the rules of effects, ids and results stand in jackfield_plugin.h.",
};
pub(super) const EXAMPLES: Rule = Rule {
    key: "node.examples",
    per: Some("type"),
    holds: "The node's examples end as they say when they are run against their exchanges.",
    remedy: "Correct the example or the node: the documentation shows it.",
};
pub(super) const UNKNOWN_EVENT: Rule = Rule {
    key: "call.unknown-event",
    per: Some("type"),
    holds: "An answer to an id that the node never used changes nothing.",
    remedy: "Ignore events with ids that you do not know.",
};
pub(super) const CLOSE: Rule = Rule {
    key: "call.close-at-await",
    per: Some("type"),
    holds: "The call can be closed at each await.",
    remedy: "Free what the call holds in close, in any state; nothing may unwind from there.",
};
pub(super) const CANCEL: Rule = Rule {
    key: "call.cancel",
    per: Some("type"),
    holds: "The call ends soon after it was cancelled, at each await.",
    remedy: "Finish with the error CANCELLED when an event has cancel; do not begin new work.",
};
pub(super) const CAP: Rule = Rule {
    key: "output.cap",
    per: Some("type"),
    holds: "The plugin stops when its output is refused.",
    remedy: "Return JF_E_LIMIT as soon as out->write returns anything but 0.",
};
pub(super) const REPLAY: Rule = Rule {
    key: "call.replay",
    per: Some("type"),
    holds: "The same call with the same answers asks for the same and ends the same, in another process too.",
    remedy: "Take time, random numbers and ids from the host, iterate over maps in a fixed order, and keep no state between calls.",
};
pub(super) const POLL: Rule = Rule {
    key: "operation.poll",
    per: Some("type"),
    holds: "The trigger can be polled: events have distinct keys and the cursor is taken back.",
    remedy: "Implement trigger.poll as the manifest says, with a dedupeKey per event.",
};
pub(super) const RECEIVE: Rule = Rule {
    key: "operation.receive",
    per: Some("name"),
    holds: "The webhook can be received, and one whose signature is wrong is not accepted.",
    remedy: "Implement webhook.receive, and reject a request when hmac.verify says that it is not valid.",
};
pub(super) const OPTIONS: Rule = Rule {
    key: "operation.options",
    per: Some("source"),
    holds: "Options can be loaded, also with a config that is not finished.",
    remedy: "Implement options.load for each source of optionSources.",
};
pub(super) const CREDENTIAL: Rule = Rule {
    key: "operation.credential",
    per: Some("provider"),
    holds: "A credential can be tested.",
    remedy: "Implement credential.test; a credential that is refused is the error CREDENTIAL.",
};
pub(super) const RESOURCES: Rule = Rule {
    key: "operation.resource",
    per: Some("provider.type"),
    holds: "Resources can be listed and verified as the manifest says.",
    remedy: "Implement resource.list and resource.verify for each type that declares them.",
};
pub(super) const FUZZ_CALLS: Rule = Rule {
    key: "fuzz.calls",
    per: None,
    holds: "Random bytes in place of a call do no harm.",
    remedy: "Run it again with the seed that is printed; treat what the host sends as untrusted.",
};
pub(super) const FUZZ_EVENTS: Rule = Rule {
    key: "fuzz.events",
    per: Some("type"),
    holds: "Random bytes in place of events do no harm.",
    remedy: "Run it again with the seed that is printed; treat what the host sends as untrusted.",
};

/// Every check, in the order in which they are made.
pub const ALL: &[&Rule] = &[
    &LIBRARY,
    &ENTRY,
    &SIZES,
    &DESCRIBE,
    &MANIFEST,
    &VERSION,
    &TEXTS,
    &HOSTS,
    &SCHEMA,
    &DESCRIPTIONS,
    &CONFIG_EXAMPLES,
    &CONFIG_SECRETS,
    &OUTPUT_SCHEMA,
    &PROVIDER,
    &TIME,
    &MEMORY,
    &OUTPUT_STREAMS,
    &THREADS,
    &SIGNALS,
    &BAD_FRAMES,
    &BAD_TEXT,
    &BAD_EVENTS,
    &UNKNOWN_OPERATION,
    &UNKNOWN_NODE,
    &UNUSABLE_CONFIG,
    &RUN,
    &EXAMPLES,
    &UNKNOWN_EVENT,
    &CLOSE,
    &CANCEL,
    &CAP,
    &REPLAY,
    &POLL,
    &RECEIVE,
    &OPTIONS,
    &CREDENTIAL,
    &RESOURCES,
    &FUZZ_CALLS,
    &FUZZ_EVENTS,
];
