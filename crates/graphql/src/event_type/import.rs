use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageEventTypes;

use super::EventType;
use super::outcome::outcome;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `importEventTypes`.
#[derive(Default)]
pub struct ImportEventTypes;

/// What `importEventTypes` takes.
#[derive(InputObject)]
struct ImportEventTypesInput {
    /// A list of `{name, category, description, schema, example}`, 1,000 at most; without it the starter set of 35 types of
    /// a business that sends people out to its customers.
    document: Option<JsonScalar>,
}

/// What `importEventTypes` answers.
#[derive(SimpleObject)]
struct ImportEventTypesPayload {
    /// The types that were created; null when there are user errors.
    event_types: Option<Vec<EventType>>,
    /// How many were in the catalogue already, and were left as they are.
    existing: i32,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ImportEventTypes {
    /// Puts many types of events into the catalogue. Those whose names are there already are left as they are.
    async fn import_event_types(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to import.")] input: ImportEventTypesInput,
    ) -> Result<ImportEventTypesPayload> {
        let permit = ctx.permit::<ManageEventTypes>()?;
        let types = &ctx.services()?.event_types;
        let document = input.document.map(|document| document.0);
        let (imported, user_errors) = outcome(types.import(&permit, document.as_ref()).await)?;
        let existing = imported.as_ref().map_or(0, |imported| imported.existing);
        Ok(ImportEventTypesPayload {
            event_types: imported
                .map(|imported| imported.created.into_iter().map(EventType).collect()),
            existing: i32::try_from(existing)?,
            user_errors,
        })
    }
}
