use async_graphql::{Context, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::ManageUsers;
use jackfield_storage::invitation;

use super::Invitation;
use crate::connection::{Connection, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `invitations`.
#[derive(Default)]
pub struct ListInvitations;

#[Object]
impl ListInvitations {
    /// The workspace's invitations, newest first, also those that were accepted or taken back.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<Invitation>> {
        let permit = ctx.permit::<ManageUsers>()?;
        let store = ctx.store()?.clone();
        let page = page(first, after.as_deref())?;
        let slice = invitation::list(store.reader(), &permit, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, after.is_some(), move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                invitation::count(store.reader(), &permit)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
