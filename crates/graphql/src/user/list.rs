use async_graphql::{Context, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::ManageUsers;
use jackfield_storage::membership;

use super::User;
use crate::connection::{Connection, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `users`.
#[derive(Default)]
pub struct ListUsers;

#[Object]
impl ListUsers {
    /// The workspace's users, newest first, also those that were deactivated.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<User>> {
        let permit = ctx.permit::<ManageUsers>()?;
        let store = ctx.store()?.clone();
        let page = page(first, after.as_deref())?;
        let slice = membership::list(store.reader(), &permit, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, after.is_some(), move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                membership::count(store.reader(), &permit)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
