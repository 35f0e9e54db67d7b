use std::borrow::Cow;
use std::collections::HashSet;

use async_graphql::parser::types::{Field, Selection, SelectionSet, TypeCondition};
use async_graphql::{ContextSelectionSet, Name, Positioned};

/// The fields that a selection has for one type of objects, fragments expanded, in the order of the document.
pub struct Selected<'a> {
    /// The name of the type.
    pub type_name: Cow<'static, str>,
    /// The fields. Two have the same response key only if something is selected below them.
    pub fields: Vec<&'a Positioned<Field>>,
}

impl<'a> Selected<'a> {
    /// What `ctx` selects of objects of this type. Directives were obeyed before anything was executed.
    pub fn of(ctx: &ContextSelectionSet<'a>, type_name: Cow<'static, str>) -> Self {
        let mut selected = Self {
            type_name,
            fields: Vec::new(),
        };
        let mut keys = HashSet::new();
        selected.add(ctx, ctx.item, &mut keys);
        selected
    }

    fn add(
        &mut self,
        ctx: &ContextSelectionSet<'a>,
        set: &'a Positioned<SelectionSet>,
        keys: &mut HashSet<&'a Name>,
    ) {
        for selection in &set.node.items {
            match &selection.node {
                Selection::Field(field) => {
                    let is_new = keys.insert(&field.node.response_key().node);
                    if is_new || !field.node.selection_set.node.items.is_empty() {
                        self.fields.push(field);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    if condition.is_none_or(|condition| self.fits(ctx, condition)) {
                        self.add(ctx, &fragment.node.selection_set, keys);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = &ctx.query_env.fragments;
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node)
                        && self.fits(ctx, &fragment.node.type_condition)
                    {
                        self.add(ctx, &fragment.node.selection_set, keys);
                    }
                }
            }
        }
    }

    fn fits(&self, ctx: &ContextSelectionSet<'a>, condition: &Positioned<TypeCondition>) -> bool {
        let condition = condition.node.on.node.as_str();
        let types = &ctx.schema_env.registry.types;
        condition == self.type_name
            || types
                .get(condition)
                .is_some_and(|kind| kind.is_possible_type(&self.type_name))
    }
}
