use async_graphql::{Context, ID, InputObject, Object, Result};
use jackfield_storage::Page;
use jackfield_storage::access::ReadAuditLog;
use jackfield_storage::credential_use::UseFilter;

use super::CredentialUse;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::scalars::DateTime;

/// The query `credentialUses`.
#[derive(Default)]
pub struct ListCredentialUses;

/// Which uses of credentials are wanted. What is not given does not matter.
#[derive(InputObject, Default)]
struct CredentialUseFilter {
    /// Of this app, which may be disconnected by now.
    connected_app_id: Option<ID>,
    /// By this run, which may be gone by now.
    run_id: Option<ID>,
    /// At or after this instant.
    since: Option<DateTime>,
    /// Before this instant.
    until: Option<DateTime>,
}

#[Object]
impl ListCredentialUses {
    /// What the credentials of connected apps were used for, newest first. For those who may read the audit log.
    async fn credential_uses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which uses; all by default.")] filter: Option<CredentialUseFilter>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<CredentialUse>> {
        let filter = filter.unwrap_or_default();
        let (app, run) = (filter.connected_app_id, filter.run_id);
        let ids = (
            app.as_ref().map(|id| id.parse()).transpose(),
            run.as_ref().map(|id| id.parse()).transpose(),
        );
        // What is no id is the id of nothing.
        let (Ok(app), Ok(run)) = ids else {
            ctx.permit::<ReadAuditLog>()?;
            return Ok(Connection::empty());
        };
        let filter = UseFilter {
            app,
            run,
            since: filter.since.map(|at| at.0),
            until: filter.until.map(|at| at.0),
        };
        let page = page((first, after), (last, before), order)?;
        page_of(ctx, filter, page).await
    }
}

/// A page of uses, for those who may read the audit log.
pub async fn page_of(
    ctx: &Context<'_>,
    filter: UseFilter,
    page: Page,
) -> Result<Connection<CredentialUse>> {
    ctx.permit::<ReadAuditLog>()?;
    match &ctx.loaders()?.credential_uses {
        Some(uses) => uses.page(filter, page).await,
        None => Ok(Connection::empty()),
    }
}
