//! Node types: what workflows are made of.

mod list;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use jackfield_storage::Json;
use jackfield_workflows::{definition::format_duration, nodes};

use crate::context::ContextExt;
use crate::plugin::Plugin;
use crate::scalars::JsonScalar;
pub use list::ListNodeTypes;

/// What a node type's id begins with, to tell it from the ids of rows.
pub const PREFIX: &str = "nodetype_";

/// A type of node that workflows can use.
#[derive(Clone)]
pub struct NodeType(pub Arc<nodes::NodeType>);

/// Where an editor lists a node type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "nodes::Category")]
pub enum NodeCategory {
    /// Starts runs.
    Trigger,
    /// Decides and transforms, inside the server.
    Logic,
    /// Does something outside.
    Integration,
}

/// Where edges begin and end.
#[derive(SimpleObject)]
struct Port {
    /// What edges call it.
    name: String,
    /// What passes through it.
    description: String,
}

/// How often a trigger is asked for news.
#[derive(SimpleObject)]
struct Polling {
    /// The time between two polls unless the workflow says otherwise (ISO 8601).
    interval: String,
    /// The least that it may say (ISO 8601).
    min_interval: String,
}

impl From<&nodes::Port> for Port {
    fn from(port: &nodes::Port) -> Self {
        Self {
            name: port.name.clone(),
            description: port.description.clone(),
        }
    }
}

/// A type of node that workflows can use.
#[Object]
impl NodeType {
    /// The node type's id.
    pub async fn id(&self) -> ID {
        format!("{PREFIX}{}", self.0.name).into()
    }

    /// What definitions call it, such as `api-endpoint`.
    #[graphql(name = "type")]
    async fn node_type(&self) -> &str {
        &self.0.name
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.title
    }

    /// What it does, in a sentence or two.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Where an editor lists it.
    async fn category(&self) -> NodeCategory {
        self.0.category.into()
    }

    /// The name of an icon for it.
    async fn icon(&self) -> Option<&str> {
        self.0.icon.as_deref()
    }

    /// Where data comes in; a trigger has none.
    async fn inputs(&self) -> Vec<Port> {
        self.0.inputs.iter().map(Port::from).collect()
    }

    /// Where data leaves.
    async fn outputs(&self) -> Vec<Port> {
        self.0.outputs.iter().map(Port::from).collect()
    }

    /// The JSON Schema (2020-12) of its config.
    async fn config_schema(&self) -> JsonScalar {
        Json::from(&*self.0.config_schema).into()
    }

    /// The JSON Schema of what leaves through `data-out`; null where that is not known.
    async fn output_schema(&self) -> Option<JsonScalar> {
        let schema = self.0.output_schema.as_deref()?;
        Some(Json::from(schema).into())
    }

    /// The name of the provider whose connected app it uses; null when it needs none.
    async fn provider(&self) -> Option<&str> {
        self.0.provider.as_deref()
    }

    /// How often a trigger that asks a service is asked for news; null for every other type.
    async fn polling(&self) -> Option<Polling> {
        let nodes::Behaviour::Trigger(nodes::Trigger::Poll { usual, least }) = self.0.behaviour
        else {
            return None;
        };
        let written = |seconds: u32| format_duration(Duration::from_secs(seconds.into()));
        Some(Polling {
            interval: written(usual),
            min_interval: written(least),
        })
    }

    /// The plugin that brings it; null for those that are built in.
    async fn plugin(&self, ctx: &Context<'_>) -> Result<Option<Plugin>> {
        let found = ctx.services()?.host.node_type(&self.0.name);
        Ok(found.map(|node_type| Plugin(node_type.plugin.clone())))
    }
}
