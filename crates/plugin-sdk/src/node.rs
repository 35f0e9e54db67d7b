use std::future::Future;
use std::sync::Arc;

use jackfield_plugin_abi::messages::{Example, NodeManifest, Port, port};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::Start;
use crate::options::start_options;
use crate::{Context, OptionSource, Result, Returned, schema_of};

/// A node type. The implementing type is its config: one value is made for each call, from the config with its
/// expressions evaluated.
pub trait Node: DeserializeOwned + JsonSchema + Send + 'static {
    /// What workflow definitions call it: lower case letters, digits and hyphens, unique on a host.
    const TYPE: &'static str;

    /// What it returns: a type with a schema, or [`Output`] for a node that chooses its port.
    type Output: Returned;

    /// How it presents itself.
    fn about() -> About;

    /// One call. Write it as `async fn run(self, context: Context) -> Result<Self::Output>`.
    ///
    /// The host may drop the call at any await.
    fn run(self, context: Context) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// How a node type presents itself. Made with [`About::new`]; it has the input port `data-in` and the output ports
/// `data-out` and `error` unless it says otherwise.
pub struct About {
    name: String,
    description: Option<String>,
    category: String,
    icon: Option<String>,
    provider: Option<(String, bool)>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    output_schema: Option<Value>,
    documentation: Option<String>,
    examples: Vec<Example>,
    options: Vec<(String, Start)>,
}

/// What a plugin keeps of a node type.
pub(crate) struct NodeParts {
    pub(crate) manifest: NodeManifest,
    pub(crate) options: Vec<(String, Start)>,
}

impl About {
    /// A node that people call `name`, in the category `integration`.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            category: "integration".to_owned(),
            icon: None,
            provider: None,
            inputs: vec![new_port(port::DATA_IN, "What the node before it produced.")],
            outputs: vec![
                new_port(port::DATA_OUT, "The result."),
                new_port(port::ERROR, "What went wrong."),
            ],
            output_schema: None,
            documentation: None,
            examples: Vec::new(),
            options: Vec::new(),
        }
    }

    /// What it does, in a sentence or two. Without it, the config's doc comment is used.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    /// Where an editor lists it.
    #[must_use]
    pub fn category(mut self, category: &str) -> Self {
        self.category = category.to_owned();
        self
    }

    /// The name of its icon in the Lucide set, e.g. `globe`.
    #[must_use]
    pub fn icon(mut self, icon: &str) -> Self {
        self.icon = Some(icon.to_owned());
        self
    }

    /// It cannot work without a connected app of this provider.
    #[must_use]
    pub fn provider(mut self, provider: &str) -> Self {
        self.provider = Some((provider.to_owned(), true));
        self
    }

    /// It can use a connected app of this provider.
    #[must_use]
    pub fn optional_provider(mut self, provider: &str) -> Self {
        self.provider = Some((provider.to_owned(), false));
        self
    }

    /// Says what comes in through an input port, which is added when it is new.
    #[must_use]
    pub fn input(mut self, name: &str, description: &str) -> Self {
        put(&mut self.inputs, new_port(name, description));
        self
    }

    /// Says what leaves through an output port, which is added when it is new.
    #[must_use]
    pub fn output(mut self, name: &str, description: &str) -> Self {
        put(&mut self.outputs, new_port(name, description));
        self
    }

    /// What leaves through `data-out` has the schema of `T`.
    #[must_use]
    pub fn output_schema<T: JsonSchema>(mut self) -> Self {
        self.output_schema = Some(schema_of::<T>());
        self
    }

    /// How to use it, in Markdown, commonly `include_str!("slack.md")`.
    #[must_use]
    pub fn documentation(mut self, markdown: &str) -> Self {
        self.documentation = Some(markdown.to_owned());
        self
    }

    /// Adds an example, which is documentation and a test: [`testing::examples`](crate::testing::examples) runs it.
    #[must_use]
    pub fn example(mut self, example: Example) -> Self {
        self.examples.push(example);
        self
    }

    /// Adds the examples of a JSON text, commonly `include_str!("examples.json")`.
    ///
    /// # Panics
    /// When the text is no list of examples: the plugin would not work at all, and its first test says why.
    #[must_use]
    pub fn examples(mut self, json: &str) -> Self {
        let examples: serde_json::Result<Vec<Example>> = serde_json::from_str(json);
        match examples {
            Ok(examples) => self.examples.extend(examples),
            Err(error) => panic!("the examples of {} cannot be read: {error}", self.name),
        }
        self
    }

    /// Loads choices of its config from the provider.
    #[must_use]
    pub fn options<S: OptionSource>(mut self) -> Self {
        self.options
            .push((S::NAME.to_owned(), Box::new(start_options::<S>)));
        self
    }

    /// A trigger has nothing before it.
    pub(crate) fn without_input(mut self) -> Self {
        self.inputs.clear();
        self
    }

    pub(crate) fn into_parts(
        self,
        node_type: &str,
        mut config_schema: Value,
        output_schema: Option<Value>,
    ) -> NodeParts {
        let documented = config_schema.get("description").and_then(Value::as_str);
        let description = self.description.or(documented.map(str::to_owned));
        config_schema["title"] = Value::from(self.name.as_str());
        let (provider, provider_required) = self.provider.unzip();
        let manifest = NodeManifest {
            node_type: node_type.to_owned(),
            name: self.name,
            description: description.unwrap_or_default(),
            category: self.category,
            icon: self.icon,
            provider,
            provider_required: provider_required.unwrap_or_default(),
            inputs: self.inputs,
            outputs: self.outputs,
            config_schema: config_schema.into(),
            output_schema: self.output_schema.or(output_schema).map(Arc::new),
            trigger: None,
            documentation: self.documentation,
            examples: self.examples,
            option_sources: self.options.iter().map(|(name, _)| name.clone()).collect(),
        };
        NodeParts {
            manifest,
            options: self.options,
        }
    }
}

fn new_port(name: &str, description: &str) -> Port {
    Port {
        name: name.to_owned(),
        description: description.to_owned(),
    }
}

fn put(ports: &mut Vec<Port>, new: Port) {
    match ports.iter_mut().find(|port| port.name == new.name) {
        Some(port) => *port = new,
        None => ports.push(new),
    }
}
