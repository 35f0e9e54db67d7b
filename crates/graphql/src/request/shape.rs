//! The shape that the data of an answer must have, for answers with errors. The library leaves out fields that failed; the
//! specification has null in their place, or in the place of what is around them where null may not be (GraphQL §6.4.4).

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::{
    BaseType, Directive, Field, OperationDefinition, OperationType, Selection, SelectionSet, Type,
    TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};
use async_graphql::{Name, Positioned, Value, Variables};

use crate::document::Document;

/// The types of all fields of objects and interfaces.
#[derive(Debug, Default)]
pub struct FieldTypes(HashMap<Name, HashMap<Name, Type>>);

impl FieldTypes {
    /// Reads them from a schema's SDL.
    ///
    /// # Errors
    ///
    /// When it is no SDL.
    pub fn from_sdl(sdl: &str) -> Result<Self, Error> {
        let mut types = HashMap::new();
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields.into_iter().map(|field| field.node);
            let fields = fields.map(|field| (field.name.node, field.ty.node));
            types.insert(definition.node.name.node, fields.collect());
        }
        Ok(Self(types))
    }

    fn of(&self, object: &str, field: &str) -> Option<&Type> {
        self.0.get(object)?.get(field)
    }
}

/// What an operation selects.
#[derive(Clone)]
pub struct Shape {
    document: Arc<Document>,
    operation: Option<Name>,
    /// The values that directives may ask for.
    variables: Variables,
}

impl Shape {
    /// That of one operation of a document.
    pub fn new(document: Arc<Document>, operation: Option<&str>, variables: &Variables) -> Self {
        // Only directives look at them.
        let variables = match document.text.contains('@') {
            true => variables.clone(),
            false => Variables::default(),
        };
        Self {
            document,
            operation: operation.map(Name::new),
            variables,
        }
    }

    /// Brings data into this shape.
    pub fn complete(&self, types: &FieldTypes, data: &mut Value) {
        let mut operations = self.document.parsed.operations.iter();
        // The only operation of a document need not be named.
        let found = operations
            .find(|(name, _)| self.operation.is_none() || self.operation.as_ref() == *name);
        let Some((_, operation)) = found else {
            return;
        };
        let root = match operation.node.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let completion = Completion {
            shape: self,
            types,
            operation: &operation.node,
        };
        let set = &operation.node.selection_set.node;
        if completion.object(root, set, data).is_err() {
            *data = Value::Null;
        }
    }
}

struct Completion<'a> {
    shape: &'a Shape,
    types: &'a FieldTypes,
    operation: &'a OperationDefinition,
}

/// There is null where none may be.
struct NullFound;

impl Completion<'_> {
    fn object(
        &self,
        type_name: &str,
        set: &SelectionSet,
        value: &mut Value,
    ) -> Result<(), NullFound> {
        let Value::Object(fields) = value else {
            return Ok(());
        };
        // What an interface stands for is known when the document asks for it.
        let told = match fields.get("__typename") {
            Some(Value::String(told)) => told.clone(),
            _ => type_name.to_owned(),
        };
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if self.is_wanted(&field.node.directives) => {
                    let Value::Object(fields) = &mut *value else {
                        return Ok(());
                    };
                    let key = field.node.response_key().node.clone();
                    let value = fields.entry(key).or_insert(Value::Null);
                    self.field(&told, &field.node, value)?;
                }
                Selection::InlineFragment(fragment)
                    if self.is_wanted(&fragment.node.directives) =>
                {
                    let condition = fragment.node.type_condition.as_ref();
                    let condition = condition.map(|condition| condition.node.on.node.as_str());
                    if condition.is_none_or(|condition| condition == told) {
                        self.object(&told, &fragment.node.selection_set.node, value)?;
                    }
                }
                Selection::FragmentSpread(spread) if self.is_wanted(&spread.node.directives) => {
                    let fragments = &self.shape.document.parsed.fragments;
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node)
                        && fragment.node.type_condition.node.on.node == told
                    {
                        self.object(&told, &fragment.node.selection_set.node, value)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn field(&self, object: &str, field: &Field, value: &mut Value) -> Result<(), NullFound> {
        match self.types.of(object, &field.name.node) {
            Some(kind) => self.value(kind, &field.selection_set.node, value),
            None => Ok(()),
        }
    }

    fn value(&self, kind: &Type, set: &SelectionSet, value: &mut Value) -> Result<(), NullFound> {
        let inside = match (&kind.base, &mut *value) {
            (BaseType::List(item), Value::List(items)) => items
                .iter_mut()
                .try_for_each(|value| self.value(item, set, value)),
            (BaseType::Named(name), value @ Value::Object(_)) => self.object(name, set, value),
            _ => Ok(()),
        };
        if inside.is_err() {
            *value = Value::Null;
        }
        match value {
            Value::Null if !kind.nullable => Err(NullFound),
            _ => Ok(()),
        }
    }

    fn is_wanted(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let asked = self.truth(&directive.node);
            match directive.node.name.node.as_str() {
                "skip" => asked != Some(true),
                "include" => asked != Some(false),
                _ => true,
            }
        })
    }

    fn truth(&self, directive: &Directive) -> Option<bool> {
        let asked = directive.get_argument("if")?.node.clone();
        let value = asked.into_const_with(|name| {
            let given = self.shape.variables.get(&name).cloned();
            given.or_else(|| self.default_of(&name)).ok_or(())
        });
        match value {
            Ok(Value::Boolean(truth)) => Some(truth),
            _ => None,
        }
    }

    fn default_of(&self, variable: &Name) -> Option<Value> {
        let mut definitions = self.operation.variable_definitions.iter();
        let found = definitions.find(|definition| definition.node.name.node == *variable)?;
        Some(found.node.default_value.as_ref()?.node.clone())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;
    use crate::guard::Limits;

    fn completed(document: &str, mut data: Value) -> String {
        let types = FieldTypes::from_sdl(
            "type Query { list: List! maybe: List node: Node }
             type List { items: [Item!]! }
             interface Node { id: ID! }
             type Item implements Node { id: ID! note: String size: Int! }",
        )
        .unwrap();
        let document = Document::parse(document.to_owned(), &Limits::default()).unwrap();
        let variables = Variables::from_json(serde_json::json!({"yes": true}));
        Shape::new(Arc::new(document), None, &variables).complete(&types, &mut data);
        data.to_string()
    }

    #[test]
    fn a_field_that_may_be_null_is_null() {
        let data = value!({"list": {"items": [{"id": "1"}]}});
        insta::assert_snapshot!(completed("{ list { items { id note } } }", data), @r#"{list: {items: [{id: "1", note: null}]}}"#);
    }

    #[test]
    fn one_that_may_not_takes_what_is_around_it_with_it() {
        let data = value!({"list": {"items": [{"id": "1"}]}, "maybe": {"items": [{"id": "1"}]}});
        let all = completed(
            "{ list { items { id size } } maybe { items { id } } }",
            data,
        );
        assert_eq!(all, "null");
        let data = value!({"list": {"items": []}, "maybe": {"items": [{"id": "1"}]}});
        insta::assert_snapshot!(completed("{ list { items { id } } maybe { items { ...A } } } fragment A on Item { size }", data), @"{list: {items: []}, maybe: null}");
    }

    #[test]
    fn what_was_not_wanted_stays_away() {
        let data = value!({"list": {"items": [{"id": "1"}]}});
        let document = "query ($yes: Boolean!, $no: Boolean = false) {
            list { items { id size @skip(if: $yes) note @include(if: $no) } } }";
        insta::assert_snapshot!(completed(document, data), @r#"{list: {items: [{id: "1"}]}}"#);
    }

    #[test]
    fn of_an_interface_only_what_is_known_is_asked() {
        let data = value!({"node": {"id": "1"}});
        insta::assert_snapshot!(completed("{ node { id ... on Item { size } } }", data), @r#"{node: {id: "1"}}"#);
        let data = value!({"node": {"__typename": "Item", "id": "1"}});
        insta::assert_snapshot!(completed("{ node { __typename id ... on Item { size } } }", data), @"{node: null}");
    }
}
