use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::{Change, Cursor, Elsewhere, Store, resource};

use super::Resource;
use crate::context::ContextExt;
use crate::errors::internal;
use crate::event::position;
use crate::follow::{self, BATCH, Source, follow};

/// The subscription `resourceUpdates`.
#[derive(Default)]
pub struct FollowResources;

/// A change of a resource.
#[derive(SimpleObject)]
struct ResourceUpdate {
    /// The place among the changes: passed as `after`, it goes on after this one.
    cursor: String,
    /// The resource as it is now; null when it was deleted.
    resource: Option<Resource>,
    /// The id of a resource that was deleted; null when it was not.
    deleted_id: Option<ID>,
}

impl ResourceUpdate {
    fn of(position: i64, row: resource::Resource) -> Self {
        let cursor = Cursor::position(position).to_string();
        match row.deleted_at {
            None => Self {
                cursor,
                resource: Some(Resource(row)),
                deleted_id: None,
            },
            Some(_) => Self {
                cursor,
                resource: None,
                deleted_id: Some(row.id.to_string().into()),
            },
        }
    }
}

#[Subscription]
impl FollowResources {
    /// The resources of connected apps as they are added, changed and deleted, without a gap. With `after` what changed after that
    /// place comes first; what changed several times is shown once, as it is now.
    async fn resource_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The cursor after which to start; with none, only what happens from now on is shown."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ResourceUpdate>>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let changes = store.changes();
        let position = match &after {
            Some(cursor) => position(cursor)?,
            None => store.head().await.map_err(internal)?,
        };
        let updates = follow(
            Resources { store, permit },
            changes,
            position,
            after.is_some(),
        );
        Ok(updates.map(|update| update.map(|(position, row)| ResourceUpdate::of(position, row))))
    }
}

struct Resources {
    store: Store,
    permit: Permit<Read>,
}

impl Source for Resources {
    type Item = resource::Resource;

    async fn read(&self, after: i64) -> Result<follow::Read<resource::Resource>> {
        let rows = resource::changes_after(self.store.reader(), &self.permit, after, BATCH).await;
        let rows = rows.map_err(internal)?;
        let more = rows.len() as u64 == BATCH;
        Ok(follow::Read {
            items: rows.into_iter().map(|row| (row.revision, row)).collect(),
            more,
            ended: false,
        })
    }

    fn see(&self, change: &Change) -> Option<resource::Resource> {
        match change {
            Change::Resource(row) if row.workspace_id == self.permit.workspace() => {
                Some(resource::Resource::clone(row))
            }
            _ => None,
        }
    }

    fn may_see(&self, elsewhere: &Elsewhere) -> bool {
        elsewhere.may_have_resources()
    }

    fn is_last(&self, _: &resource::Resource) -> bool {
        false
    }
}
