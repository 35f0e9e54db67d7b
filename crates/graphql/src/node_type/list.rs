use async_graphql::{Context, Object, Result};
use jackfield_storage::access::Read;
use jackfield_workflows::nodes;

use super::{NodeCategory, NodeType};
use crate::connection::{Connection, NameOrder};
use crate::context::ContextExt;

/// The query `nodeTypes`.
#[derive(Default)]
pub struct ListNodeTypes;

#[Object]
impl ListNodeTypes {
    /// Every node type that workflows can use: the built-in ones and those of plugins, by type.
    async fn node_types(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with all these words in their type, name or description.")]
        search: Option<String>,
        #[graphql(desc = "Only those of this category.")] category: Option<NodeCategory>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; from A to Z by default.")] order: Option<NameOrder>,
    ) -> Result<Connection<NodeType>> {
        ctx.permit::<Read>()?;
        let search = search.unwrap_or_default().to_lowercase();
        let category = category.map(nodes::Category::from);
        let all = ctx.services()?.workflows.node_types();
        let wanted = all
            .into_iter()
            .filter(|node_type| category.is_none_or(|category| node_type.category == category));
        let wanted = wanted.filter(|node_type| has_words(node_type, &search));
        let wanted = wanted
            .map(|node_type| (node_type.name.clone(), NodeType(node_type)))
            .collect();
        Connection::of_named(wanted, (first, after), (last, before), order)
    }
}

fn has_words(node_type: &nodes::NodeType, search: &str) -> bool {
    let text = format!(
        "{} {} {}",
        node_type.name, node_type.title, node_type.description
    )
    .to_lowercase();
    search.split_whitespace().all(|word| text.contains(word))
}
