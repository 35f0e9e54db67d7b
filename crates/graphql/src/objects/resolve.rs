use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::Field;
use async_graphql::{ContextSelectionSet, Name, ObjectType, Positioned, ServerResult, Value};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::Selected;

/// Resolves the fields of all objects, each at its place, at the same time. A field that fails is null and tells its error.
pub async fn resolve<'a, T: ObjectType>(
    objects: &'a [(&'a ContextSelectionSet<'a>, &'a T)],
    selected: &'a Selected<'a>,
) -> Vec<Value> {
    let width = selected.fields.len();
    let mut values = vec![Value::Null; objects.len() * width];
    let mut waiting = Vec::new();
    let mut begun = false;
    poll_fn(|cx| {
        if begun {
            return Poll::Ready(());
        }
        begun = true;
        let mut slot = None;
        let cells = objects.iter().flat_map(|(place, object)| {
            let fields = selected.fields.iter();
            fields.map(move |field| (*place, *object, *field))
        });
        for (cell, (place, object, field)) in cells.enumerate() {
            if field.node.name.node == "__typename" {
                values[cell] = selected.type_name.as_ref().into();
                continue;
            }
            let mut future = fill(slot.take(), resolve_field(place, object, field));
            match future.as_mut().poll(cx) {
                Poll::Ready(resolved) => {
                    values[cell] = settle(place, resolved);
                    slot = Some(future);
                }
                Poll::Pending => waiting.push(async move { (cell, future.await) }),
            }
        }
        // A loader gathers what siblings ask for until it is polled again: the siblings of this list have their turn first.
        match waiting.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    let mut waiting: FuturesUnordered<_> = waiting.into_iter().collect();
    while let Some((cell, resolved)) = waiting.next().await {
        values[cell] = settle(objects[cell / width].0, resolved);
    }
    assemble(values, objects.len(), selected)
}

/// Puts a future where another one has ended, or on the heap.
fn fill<F: Future>(slot: Option<Pin<Box<F>>>, future: F) -> Pin<Box<F>> {
    match slot {
        Some(mut slot) => {
            slot.as_mut().set(future);
            slot
        }
        None => Box::pin(future),
    }
}

async fn resolve_field<T: ObjectType>(
    place: &ContextSelectionSet<'_>,
    object: &T,
    field: &Positioned<Field>,
) -> ServerResult<Value> {
    let ctx = place.with_field(field);
    Ok(object.resolve_field(&ctx).await?.unwrap_or_default())
}

fn settle(place: &ContextSelectionSet<'_>, resolved: ServerResult<Value>) -> Value {
    resolved.unwrap_or_else(|error| {
        place.add_error(error);
        Value::Null
    })
}

fn assemble(values: Vec<Value>, count: usize, selected: &Selected<'_>) -> Vec<Value> {
    let mut values = values.into_iter();
    let object = |_| {
        let mut object = IndexMap::with_capacity(selected.fields.len());
        for (field, value) in selected.fields.iter().zip(values.by_ref()) {
            merge_field(&mut object, field.node.response_key().node.clone(), value);
        }
        Value::Object(object)
    };
    (0..count).map(object).collect()
}

fn merge_field(object: &mut IndexMap<Name, Value>, key: Name, value: Value) {
    match object.entry(key) {
        Entry::Vacant(vacant) => {
            vacant.insert(value);
        }
        Entry::Occupied(mut occupied) => merge(occupied.get_mut(), value),
    }
}

/// Merges what is selected below two fields with the same response key, see the GraphQL specification, section
/// "Merging Selection Sets".
fn merge(into: &mut Value, value: Value) {
    match (into, value) {
        (Value::Object(into), Value::Object(fields)) => {
            for (key, value) in fields {
                merge_field(into, key, value);
            }
        }
        (Value::List(into), Value::List(items)) => {
            for (into, item) in into.iter_mut().zip(items) {
                merge(into, item);
            }
        }
        _ => {}
    }
}
