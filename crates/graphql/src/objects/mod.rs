//! Objects in lists. For each field of each object the library allocates a future as large as the largest resolver of the
//! type, also where the field is there at once. Here a field allocates only when it has to wait, for a loader for example.

mod resolve;
mod selected;

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::{
    ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value, registry,
};

use resolve::resolve;
use selected::Selected;

/// A list of objects.
pub struct Objects<T>(pub Vec<T>);

impl<T> FromIterator<T> for Objects<T> {
    fn from_iter<I: IntoIterator<Item = T>>(objects: I) -> Self {
        Self(objects.into_iter().collect())
    }
}

impl<T: ObjectType> OutputType for Objects<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut registry::Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let places: Vec<_> = (0..self.0.len())
            .map(|index| ctx.with_index(index))
            .collect();
        let objects: Vec<_> = places.iter().zip(&self.0).collect();
        let selected = Selected::of(ctx, T::type_name());
        Ok(Value::List(resolve(&objects, &selected).await))
    }
}

/// An object in an element of a list.
pub struct Single<T>(pub T);

impl<T: ObjectType> OutputType for Single<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn create_type_info(registry: &mut registry::Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let selected = Selected::of(ctx, T::type_name());
        let resolved = resolve(&[(ctx, &self.0)], &selected).await;
        Ok(resolved.into_iter().next().unwrap_or_default())
    }
}
