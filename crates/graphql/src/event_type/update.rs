use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use jackfield_storage::Json;
use jackfield_storage::access::ManageEventTypes;
use jackfield_webhooks::event_type;

use super::EventType;
use super::outcome::{outcome, unknown_type};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `updateEventType`.
#[derive(Default)]
pub struct UpdateEventType;

/// What `updateEventType` takes. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateEventTypeInput {
    /// The type to change.
    event_type_id: ID,
    /// What it is about.
    category: Option<String>,
    /// When such an event happens.
    description: Option<String>,
    /// Another JSON Schema of the data, which makes a new version; null takes it away.
    schema: MaybeUndefined<JsonScalar>,
    /// Another example, which must match the schema; null takes it away.
    example: MaybeUndefined<JsonScalar>,
}

/// What `updateEventType` answers.
#[derive(SimpleObject)]
struct UpdateEventTypePayload {
    /// The type; null when there are user errors.
    event_type: Option<EventType>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl UpdateEventType {
    /// Changes a type of events. Its name stays.
    async fn update_event_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateEventTypeInput,
    ) -> Result<UpdateEventTypePayload> {
        let permit = ctx.permit::<ManageEventTypes>()?;
        let Ok(id) = input.event_type_id.parse() else {
            return Ok(UpdateEventTypePayload {
                event_type: None,
                user_errors: vec![unknown_type()],
            });
        };
        let update = event_type::UpdateEventType {
            category: input.category,
            description: input.description,
            schema: given(input.schema),
            example: given(input.example),
        };
        let types = &ctx.services()?.event_types;
        let (event_type, user_errors) = outcome(types.update(&permit, id, update).await)?;
        Ok(UpdateEventTypePayload {
            event_type: event_type.map(EventType),
            user_errors,
        })
    }
}

fn given(value: MaybeUndefined<JsonScalar>) -> Option<Option<Json>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value.0)),
    }
}
