use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::ManageUsers;
use jackfield_storage::membership;

use super::User;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;
use crate::viewer::Role;

/// The query `users`.
#[derive(Default)]
pub struct ListUsers;

/// Which users are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct UserFilter {
    /// Only those with this role.
    role: Option<Role>,
    /// Only those who may come in, or only those who were deactivated.
    active: Option<bool>,
}

#[Object]
impl ListUsers {
    /// The workspace's users, newest first, also those that were deactivated.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which users are wanted; all when it is not given.")] filter: Option<
            UserFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<User>> {
        let permit = ctx.permit::<ManageUsers>()?;
        let store = ctx.store()?.clone();
        let filter = filter.unwrap_or_default();
        let filter = membership::MembershipFilter {
            role: filter.role.map(Into::into),
            active: filter.active,
        };
        let page = page((first, after), (last, before), order)?;
        let slice = membership::list(store.reader(), &permit, &filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                membership::count(store.reader(), &permit, &filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
