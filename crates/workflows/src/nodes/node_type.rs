//! What is known about a type of node.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use jackfield_plugin_host::messages::{
    self as plugin, NodeManifest, Trigger as Told, WebhookTrigger,
};
use jackfield_storage::Problem;
use jsonschema::Validator;
use serde_json::{Map, Value};

use super::{Hints, delay, merge, schedule, switch, wait, webhook};
use crate::definition::{DATA_IN, DATA_OUT, ERROR, Join};

/// A type of node that definitions can use.
pub struct NodeType {
    /// What definitions call it, `api-endpoint`.
    pub name: String,
    /// What people call it, `API endpoint`.
    pub title: String,
    /// What it does, in a sentence or two.
    pub description: String,
    /// Where an editor lists it.
    pub category: Category,
    /// The name of an icon.
    pub icon: Option<String>,
    /// The provider whose connected app it uses.
    pub provider: Option<String>,
    /// Whether it cannot work without a connected app of that provider.
    pub provider_required: bool,
    /// The input ports; a trigger has none.
    pub inputs: Vec<Port>,
    /// The output ports.
    pub outputs: Vec<Port>,
    /// The JSON Schema (2020-12) of its config.
    pub config_schema: Arc<Value>,
    /// The JSON Schema of what leaves through `data-out`, where it is known.
    pub output_schema: Option<Arc<Value>>,
    /// The members of its config that the server puts something else in the place of.
    pub hints: Hints,
    /// The events that a trigger takes, by the provider's names; all when empty.
    pub event_types: Vec<String>,
    /// What it does when it is executed.
    pub behaviour: Behaviour,
    pub(super) validator: OnceLock<Result<Validator, String>>,
}

/// Where edges begin and end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// What edges call it.
    pub name: String,
    /// What passes through it.
    pub description: String,
}

/// Where an editor lists a node type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Starts runs.
    Trigger,
    /// Decides and transforms, inside.
    Logic,
    /// Does something outside.
    Integration,
}

/// What a node does when it is executed.
#[derive(Clone)]
pub enum Behaviour {
    /// Starts runs.
    Trigger(Trigger),
    /// Computes something in memory.
    Logic(Logic),
    /// Executes other nodes once per item.
    Each,
    /// Waits for something outside.
    Wait(Wait),
    /// Calls a plugin.
    Plugin,
}

/// What starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A request to a generated URL.
    Webhook,
    /// An event of the log.
    Event,
    /// An instant.
    Schedule,
    /// A person or a program that asks for it.
    Manual,
    /// A request at the hook of a connected app, which the plugin reads.
    Plugin,
    /// News for which the plugin asks.
    Poll {
        /// Seconds between two polls unless the workflow says otherwise.
        usual: u32,
        /// The least that it may say.
        least: u32,
    },
}

/// The nodes that only compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logic {
    /// Chooses one of two ways.
    If,
    /// Computes named values.
    Set,
    /// Shows a message in the history.
    Debug,
    /// Answers the webhook that started the run.
    Respond,
    /// Chooses one of several ways.
    Switch,
    /// Brings branches together.
    Merge,
    /// Fails.
    Fail,
}

/// What a node waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// An instant.
    Delay,
    /// An event.
    Event,
    /// A person.
    Approval,
    /// Another run.
    Workflow,
}

impl NodeType {
    /// A built-in trigger.
    pub(super) fn trigger(name: &str, title: &str, icon: &str, trigger: Trigger) -> NodeType {
        NodeType {
            inputs: vec![],
            outputs: vec![Port::new(DATA_OUT, "What started the run.")],
            ..NodeType::built_in(
                name,
                title,
                icon,
                Category::Trigger,
                Behaviour::Trigger(trigger),
            )
        }
    }

    /// A built-in logic node with one way out, and one for its failure.
    pub(super) fn logic(name: &str, title: &str, icon: &str, logic: Logic) -> NodeType {
        NodeType {
            inputs: vec![Port::new(
                DATA_IN,
                "Executes the node when what leads here is done.",
            )],
            outputs: vec![Port::new(DATA_OUT, "The node's output."), Port::error()],
            ..NodeType::built_in(name, title, icon, Category::Logic, Behaviour::Logic(logic))
        }
    }

    /// A built-in node that waits.
    pub(super) fn wait(name: &str, title: &str, icon: &str, wait: Wait) -> NodeType {
        NodeType {
            behaviour: Behaviour::Wait(wait),
            ..NodeType::logic(name, title, icon, Logic::Debug)
        }
    }

    pub(super) fn built_in(
        name: &str,
        title: &str,
        icon: &str,
        category: Category,
        behaviour: Behaviour,
    ) -> NodeType {
        NodeType {
            name: name.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            category,
            icon: Some(icon.to_owned()),
            provider: None,
            provider_required: false,
            inputs: vec![],
            outputs: vec![],
            config_schema: Value::Bool(true).into(),
            output_schema: None,
            hints: Hints::default(),
            event_types: vec![],
            behaviour,
            validator: OnceLock::new(),
        }
    }

    /// A node type of a plugin.
    pub(super) fn plugin(manifest: &NodeManifest) -> NodeType {
        let port = |port: &plugin::Port| Port::new(&port.name, &port.description);
        let (behaviour, event_types) = match &manifest.trigger {
            None => (Behaviour::Plugin, vec![]),
            Some(Told::Poll(poll)) => (
                Behaviour::Trigger(Trigger::Poll {
                    usual: poll.interval_seconds,
                    least: poll.least_seconds(),
                }),
                vec![],
            ),
            // The host refuses a plugin with a trigger that it does not know.
            Some(Told::Webhook(WebhookTrigger { event_types })) => {
                (Behaviour::Trigger(Trigger::Plugin), event_types.clone())
            }
            Some(Told::Unknown(_)) => (Behaviour::Trigger(Trigger::Plugin), vec![]),
        };
        let is_step = manifest.trigger.is_none();
        NodeType {
            name: manifest.node_type.clone(),
            title: manifest.name.clone(),
            description: manifest.description.clone(),
            category: match is_step {
                true => Category::Integration,
                false => Category::Trigger,
            },
            icon: manifest.icon.clone(),
            provider: manifest.provider.clone(),
            provider_required: manifest.provider_required,
            inputs: manifest
                .inputs
                .iter()
                .filter(|_| is_step)
                .map(port)
                .collect(),
            outputs: manifest.outputs.iter().map(port).collect(),
            config_schema: manifest.config_schema.clone(),
            output_schema: manifest.output_schema.clone(),
            hints: Hints::of(&manifest.config_schema),
            event_types,
            behaviour,
            validator: OnceLock::new(),
        }
    }

    /// Whether it starts runs.
    pub fn is_trigger(&self) -> bool {
        matches!(self.behaviour, Behaviour::Trigger(_))
    }

    /// Whether executing it does something outside of this process.
    pub fn has_effects(&self) -> bool {
        matches!(self.behaviour, Behaviour::Plugin)
    }

    /// Whether its config member `filter` is asked per event, and not when the node is executed.
    pub(crate) fn has_filter(&self) -> bool {
        matches!(self.behaviour, Behaviour::Wait(Wait::Event))
    }

    /// Whether it executes other nodes once per item.
    pub fn is_loop(&self) -> bool {
        matches!(self.behaviour, Behaviour::Each)
    }

    /// Whether a step of it that waits does so for something outside, and not for its next attempt.
    pub fn parks(&self) -> bool {
        matches!(self.behaviour, Behaviour::Wait(_))
    }

    /// How many of the edges that lead to a node with this config have to be taken.
    pub(crate) fn join(&self, config: &Map<String, Value>) -> Join {
        match self.behaviour {
            Behaviour::Logic(Logic::Merge) => merge::join(config),
            _ => Join::All,
        }
    }

    /// The output ports of a node with this config.
    pub(crate) fn outputs_with(&self, config: &Map<String, Value>) -> Cow<'_, [Port]> {
        match self.behaviour {
            Behaviour::Logic(Logic::Switch) => {
                Cow::Owned(switch::ports(config).chain(self.outputs.clone()).collect())
            }
            _ => Cow::Borrowed(&self.outputs),
        }
    }

    /// The config's JSON Schema, compiled when first asked for; the error says why it is none.
    pub fn validator(&self) -> Result<&Validator, &str> {
        self.validator
            .get_or_init(|| {
                jsonschema::options()
                    .with_draft(jsonschema::Draft::Draft202012)
                    .build(&self.config_schema)
                    .map_err(|error| error.to_string())
            })
            .as_ref()
            .map_err(String::as_str)
    }

    /// Adds what a schema cannot say about a config.
    pub(crate) fn check_config(
        &self,
        config: &Map<String, Value>,
        path: &[String],
        problems: &mut Vec<Problem>,
    ) {
        match self.behaviour {
            Behaviour::Trigger(Trigger::Webhook) => webhook::check(config, path, problems),
            Behaviour::Trigger(Trigger::Schedule) => schedule::check(config, path, problems),
            Behaviour::Logic(Logic::Switch) => switch::check(config, path, problems),
            Behaviour::Wait(Wait::Delay) => delay::check(config, path, problems),
            Behaviour::Wait(_) => wait::check(config, path, problems),
            _ => {}
        }
    }
}

impl fmt::Debug for NodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeType({})", self.name)
    }
}

impl Port {
    /// A port.
    pub fn new(name: &str, description: &str) -> Port {
        Port {
            name: name.to_owned(),
            description: description.to_owned(),
        }
    }

    /// The port of failures.
    pub(super) fn error() -> Port {
        let description = "Taken when the node fails, with error.code and error.message; without an edge here the run fails.";
        Port::new(ERROR, description)
    }
}
