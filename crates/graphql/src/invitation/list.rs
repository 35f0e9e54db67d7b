use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::ManageUsers;
use jackfield_storage::invitation;

use super::Invitation;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `invitations`.
#[derive(Default)]
pub struct ListInvitations;

/// Which invitations are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct InvitationFilter {
    /// Only those that can be accepted now, or only those that cannot: they were accepted, taken back, or are too old.
    pending: Option<bool>,
}

#[Object]
impl ListInvitations {
    /// The workspace's invitations, newest first, also those that were accepted or taken back.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitations are wanted; all when it is not given.")] filter: Option<
            InvitationFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Invitation>> {
        let permit = ctx.permit::<ManageUsers>()?;
        let store = ctx.store()?.clone();
        let now = store.clock().now();
        let pending = filter.unwrap_or_default().pending;
        let filter = pending.map(|pending| invitation::Pending { pending, now });
        let page = page((first, after), (last, before), order)?;
        let slice = invitation::list(store.reader(), &permit, filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                invitation::count(store.reader(), &permit, filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
