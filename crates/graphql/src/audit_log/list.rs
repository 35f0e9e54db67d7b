use async_graphql::{Context, ID, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::ReadAuditLog;
use jackfield_storage::audit_log;

use super::{AuditEntry, with_names};
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;
use crate::scalars::DateTime;

/// The query `auditLog`.
#[derive(Default)]
pub struct ListAuditLog;

/// Which entries of the audit log are wanted. What is not given does not matter.
#[derive(InputObject, Default)]
struct AuditLogFilter {
    /// By whom: the id of an API key or of a user, or another `actor.id`.
    actor: Option<ID>,
    /// To which thing, by its id.
    entity: Option<ID>,
    /// To what kind of thing, such as `workflow`.
    entity_type: Option<String>,
    /// At or after this instant.
    since: Option<DateTime>,
    /// Before this instant.
    until: Option<DateTime>,
}

#[Object]
impl ListAuditLog {
    /// Who has changed what in this workspace, newest first.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; all by default.")] filter: Option<AuditLogFilter>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<AuditEntry>> {
        let permit = ctx.permit::<ReadAuditLog>()?;
        let store = ctx.store()?.clone();
        let page = page((first, after), (last, before), order)?;
        let filter = filter.unwrap_or_default();
        let filter = audit_log::AuditFilter {
            actor: filter.actor.map(|id| id.to_string()),
            entity: filter.entity_type,
            entity_id: filter.entity.map(|id| id.to_string()),
            since: filter.since.map(|at| at.0),
            until: filter.until.map(|at| at.0),
        };
        let found = audit_log::list(store.reader(), &permit, &filter, page).await;
        let mut slice = found.map_err(internal)?;
        let entries = with_names(&store, &permit, std::mem::take(&mut slice.items)).await?;
        let slice = slice.of(|_| entries);
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                audit_log::count(store.reader(), &permit, &filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
