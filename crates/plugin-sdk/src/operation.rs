use std::future::Future;

use jackfield_plugin_abi::messages::{CallError, code};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::call::{Opened, Start, Work, invalid_config};
use crate::node::NodeParts;
use crate::{About, Context, Result, Returned, output_schema_of, schema_of};

/// One of a node's operations. The implementing type is its part of the config; [`Rest`](crate::Rest) derives it from a
/// table, and this is how to write one as code. Tables and code go together:
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::rest::Api;
///
/// fn api() -> Api {
///     Api::new("https://api.example.com/v1")
/// }
///
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// struct Customer { id: String }
///
/// /// Finds a customer.
/// #[derive(Config, Rest)]
/// #[rest(get = "/customers", api = api(), output = Vec<Customer>)]
/// struct FindCustomer {
///     /// The whole address.
///     email: String,
/// }
///
/// /// Creates a customer, unless there is one with this address.
/// #[derive(Config)]
/// struct EnsureCustomer {
///     /// The whole address.
///     email: String,
/// }
///
/// impl Operation for EnsureCustomer {
///     const NAME: &'static str = "ensure_customer";
///     type Output = Customer;
///
///     async fn run(self, context: Context) -> Result<Customer> {
///         let found = FindCustomer { email: self.email.clone() }.call(&context).await?;
///         if let Some(customer) = found.into_iter().next() {
///             return Ok(customer);
///         }
///         let request = api().request(&context, "POST", "/customers")?.json(&json!({"email": self.email})).idempotent();
///         request.send().await?.success()?.json()
///     }
/// }
///
/// # fn plugin() -> Plugin {
/// Plugin::new("example", "1.0.0").operations(
///     Operations::new("example", About::new("Example"))
///         .operation::<FindCustomer>()
///         .operation::<EnsureCustomer>(),
/// )
/// # }
/// # use jackfield_plugin_sdk::testing::{self, Reply};
/// # let ran = testing::plugin(plugin()).node("example", json!({"operation": "ensure_customer", "email": "a@b.c"}))
/// #     .reply(Reply::json(200, &json!([]))).reply(Reply::json(201, &json!({"id": "c_1"}))).run();
/// # assert_eq!(ran.output(), json!({"id": "c_1"}));
/// ```
pub trait Operation: DeserializeOwned + JsonSchema + Send + 'static {
    /// What the config's `operation` calls it: lower case letters, digits and underscores.
    const NAME: &'static str;

    /// What it returns: a type with a schema, or [`Output`](crate::Output) to choose a port.
    type Output: Returned;

    /// One call. Write it as `async fn run(self, context: Context) -> Result<Self::Output>`.
    fn run(self, context: Context) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// A node type with several operations: the config's `operation` names one, and the other members are that operation's.
///
/// The config's schema is an object whose member `operation` is an `enum`, and an `if`/`then` per operation, so that an
/// error names the field of the operation that was chosen. Editors find the operations' names and descriptions in the
/// `x-jackfield` of `operation`, as those of any `enum`.
pub struct Operations {
    node_type: String,
    about: About,
    operations: Vec<Entry>,
}

struct Entry {
    name: &'static str,
    schema: Value,
    output: Option<Value>,
    start: fn(config: Value, opened: &Opened<'_>) -> Result<Work>,
}

impl Operations {
    /// A node type without operations.
    pub fn new(node_type: &str, about: About) -> Self {
        Self {
            node_type: node_type.to_owned(),
            about,
            operations: Vec::new(),
        }
    }

    /// Adds an operation. The first one is what a new node begins with.
    #[must_use]
    pub fn operation<O: Operation>(mut self) -> Self {
        self.operations.push(Entry {
            name: O::NAME,
            schema: schema_of::<O>(),
            output: O::Output::schema(),
            start: start::<O>,
        });
        self
    }

    pub(crate) fn into_parts(self) -> (NodeParts, Start) {
        let (schema, output) = (
            config_schema(&self.operations),
            output_schema(&self.operations),
        );
        let parts = self.about.into_parts(&self.node_type, schema, output);
        let starts: Vec<_> = self
            .operations
            .iter()
            .map(|entry| (entry.name, entry.start))
            .collect();
        (parts, Box::new(move |opened| choose(&starts, opened)))
    }
}

type Choice = (&'static str, fn(Value, &Opened<'_>) -> Result<Work>);

fn choose(operations: &[Choice], opened: &Opened<'_>) -> Result<Work> {
    let mut config: Map<String, Value> = opened.config()?;
    let chosen = config.remove("operation").unwrap_or(Value::Null);
    let operation = operations.iter().find(|(name, _)| chosen == **name);
    let (_, start) = operation.ok_or_else(|| {
        let names: Vec<&str> = operations.iter().map(|(name, _)| *name).collect();
        let message = format!(
            "operation in the config of {} has to be one of {}.",
            opened.call.node,
            names.join(", ")
        );
        CallError::new(code::INVALID_CONFIG, message)
    })?;
    start(Value::Object(config), opened)
}

fn start<O: Operation>(config: Value, opened: &Opened<'_>) -> Result<Work> {
    let operation: O = serde_path_to_error::deserialize(config)
        .map_err(|error| invalid_config(&opened.call.node, &error))?;
    let context = opened.context.clone();
    Ok(Box::pin(async move {
        operation.run(context).await?.into_output().into_outcome()
    }))
}

fn config_schema(operations: &[Entry]) -> Value {
    let names: Vec<&str> = operations.iter().map(|entry| entry.name).collect();
    let labels = operations.iter().map(|entry| {
        let mut label = json!({"value": entry.name, "label": label(entry)});
        if let Some(description) = entry.schema.get("description") {
            label["description"] = description.clone();
        }
        label
    });
    let operation = json!({
        "title": "Operation", "description": "What the node does.", "type": "string", "enum": names,
        "x-jackfield": {"widget": "select", "labels": labels.collect::<Vec<_>>()},
    });
    let branches = operations.iter().map(|entry| {
        let is_chosen =
            json!({"properties": {"operation": {"const": entry.name}}, "required": ["operation"]});
        json!({"if": is_chosen, "then": branch(&entry.schema)})
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"operation": operation},
        "required": ["operation"],
        "allOf": branches.collect::<Vec<_>>(),
    })
}

fn label(entry: &Entry) -> String {
    // Schemars titles a schema after its type unless the author has another title; a type's name is no label.
    let mut label = entry.name.replace('_', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match entry.schema.get("title").and_then(Value::as_str) {
        Some(title) if title.contains(' ') => title.to_owned(),
        _ => label,
    }
}

/// The schema of an operation's members, which must let `operation` itself pass.
fn branch(schema: &Value) -> Value {
    let mut branch = schema.clone();
    if let Value::Object(members) = &mut branch {
        members.remove("$schema");
        members.remove("title");
        let properties = members.entry("properties").or_insert_with(|| json!({}));
        let mut all = Map::from_iter([("operation".to_owned(), Value::Bool(true))]);
        if let Value::Object(own) = properties.take() {
            all.extend(own);
        }
        *properties = Value::Object(all);
    }
    branch
}

fn output_schema(operations: &[Entry]) -> Option<Value> {
    let outputs: Option<Vec<Value>> = operations
        .iter()
        .map(|entry| {
            let mut schema = entry.output.clone()?;
            if let Value::Object(members) = &mut schema {
                members.remove("$schema");
                members.insert("title".to_owned(), Value::from(label(entry)));
            }
            Some(schema)
        })
        .collect();
    let outputs = outputs.filter(|outputs| !outputs.is_empty())?;
    let root = output_schema_of::<Value>();
    Some(json!({"$schema": root["$schema"], "anyOf": outputs}))
}
