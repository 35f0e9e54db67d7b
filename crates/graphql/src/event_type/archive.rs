use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageEventTypes;

use super::EventType;
use super::outcome::{outcome, unknown_type};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `archiveEventType`.
#[derive(Default)]
pub struct ArchiveEventType;

/// The mutation `unarchiveEventType`.
#[derive(Default)]
pub struct UnarchiveEventType;

/// What `archiveEventType` takes.
#[derive(InputObject)]
struct ArchiveEventTypeInput {
    /// The type to archive.
    event_type_id: ID,
}

/// What `unarchiveEventType` takes.
#[derive(InputObject)]
struct UnarchiveEventTypeInput {
    /// The type to put back.
    event_type_id: ID,
}

/// What `archiveEventType` answers.
#[derive(SimpleObject)]
struct ArchiveEventTypePayload {
    /// The type; null when there are user errors.
    event_type: Option<EventType>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What `unarchiveEventType` answers.
#[derive(SimpleObject)]
struct UnarchiveEventTypePayload {
    /// The type; null when there are user errors.
    event_type: Option<EventType>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ArchiveEventType {
    /// Takes a type out of what is offered. Its events stay; new ones count as of an unknown type.
    async fn archive_event_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to archive.")] input: ArchiveEventTypeInput,
    ) -> Result<ArchiveEventTypePayload> {
        let (event_type, user_errors) = set(ctx, &input.event_type_id, true).await?;
        Ok(ArchiveEventTypePayload {
            event_type,
            user_errors,
        })
    }
}

#[Object]
impl UnarchiveEventType {
    /// Puts an archived type back into what is offered.
    async fn unarchive_event_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to put back.")] input: UnarchiveEventTypeInput,
    ) -> Result<UnarchiveEventTypePayload> {
        let (event_type, user_errors) = set(ctx, &input.event_type_id, false).await?;
        Ok(UnarchiveEventTypePayload {
            event_type,
            user_errors,
        })
    }
}

async fn set(
    ctx: &Context<'_>,
    id: &ID,
    archived: bool,
) -> Result<(Option<EventType>, Vec<UserError>)> {
    let permit = ctx.permit::<ManageEventTypes>()?;
    let Ok(id) = id.parse() else {
        return Ok((None, vec![unknown_type()]));
    };
    let types = &ctx.services()?.event_types;
    let (row, user_errors) = outcome(types.set_archived(&permit, id, archived).await)?;
    Ok((row.map(EventType), user_errors))
}
