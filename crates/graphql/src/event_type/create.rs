use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageEventTypes;
use jackfield_webhooks::event_type::NewEventType;

use super::EventType;
use super::outcome::outcome;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `createEventType`.
#[derive(Default)]
pub struct CreateEventType;

/// What `createEventType` takes.
#[derive(InputObject)]
struct CreateEventTypeInput {
    /// What events carry as their `type`, such as `booking.created`; 1 to 200 characters without spaces.
    name: String,
    /// What it is about, such as `BOOKING`; 100 characters at most.
    #[graphql(default)]
    category: String,
    /// When such an event happens; 2,000 characters at most.
    #[graphql(default)]
    description: String,
    /// The JSON Schema of the data, 64 KiB at most; without it anything goes. References to other documents are refused.
    schema: Option<JsonScalar>,
    /// What the data looks like, 64 KiB at most; it must match the schema.
    example: Option<JsonScalar>,
}

/// What `createEventType` answers.
#[derive(SimpleObject)]
struct CreateEventTypePayload {
    /// The type; null when there are user errors.
    event_type: Option<EventType>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateEventType {
    /// Puts a type of events into the catalogue.
    async fn create_event_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The type to create.")] input: CreateEventTypeInput,
    ) -> Result<CreateEventTypePayload> {
        let permit = ctx.permit::<ManageEventTypes>()?;
        let new = NewEventType {
            name: input.name,
            category: input.category,
            description: input.description,
            schema: input.schema.map(|schema| schema.0),
            example: input.example.map(|example| example.0),
        };
        let types = &ctx.services()?.event_types;
        let (event_type, user_errors) = outcome(types.create(&permit, new).await)?;
        Ok(CreateEventTypePayload {
            event_type: event_type.map(EventType),
            user_errors,
        })
    }
}
