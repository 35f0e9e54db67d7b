//! What the verbs that store an app share.

use std::sync::Arc;

use jackfield_storage::{
    Call, Change, Problem, ProblemCode, StorageError,
    access::{ManageApps, Permit},
    app_turn,
    connected_app::{self, ConnectedApp},
    ids::{ConnectedAppId, WorkspaceId},
    inbound_hook::{self, InboundHook},
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{AppError, ConnectedApps};
use crate::{RateLimit, SealError, Subject, credentials::Credentials};

const MAX_NAME: usize = 200;

/// A name of 1 to 200 characters, without spaces around it.
pub(super) fn name(given: &str) -> Result<String, Vec<Problem>> {
    let name = given.trim();
    let problem = |code, message: &str| Err(vec![Problem::new(["name"], code, message)]);
    match name.chars().count() {
        0 => problem(ProblemCode::Required, "give the app a name"),
        1..=MAX_NAME => Ok(name.to_owned()),
        _ => problem(ProblemCode::TooLarge, "a name has at most 200 characters"),
    }
}

/// All four, or the problems of all four.
pub(super) fn all<A, B, C, D>(
    a: Result<A, Vec<Problem>>,
    b: Result<B, Vec<Problem>>,
    c: Result<C, Vec<Problem>>,
    d: Result<D, Vec<Problem>>,
) -> Result<(A, B, C, D), AppError> {
    match (a, b, c, d) {
        (Ok(a), Ok(b), Ok(c), Ok(d)) => Ok((a, b, c, d)),
        (a, b, c, d) => {
            let problems = [a.err(), b.err(), c.err(), d.err()]
                .into_iter()
                .flatten()
                .flatten();
            Err(AppError::Rejected(problems.collect()))
        }
    }
}

impl ConnectedApps {
    pub(super) fn seal(
        &self,
        workspace: WorkspaceId,
        id: ConnectedAppId,
        credentials: &Credentials,
    ) -> Result<Vec<u8>, SealError> {
        self.sealer
            .seal(&Subject::new(workspace, id), &credentials.to_sealed_form())
    }

    pub(super) async fn insert(
        &self,
        permit: &Permit<ManageApps>,
        mut row: ConnectedApp,
        hook: Option<InboundHook>,
    ) -> Result<ConnectedApp, AppError> {
        let read = permit.read();
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let default = connected_app::default_of(call.db(), &read, &row.provider);
                    row.is_default = default.await?.is_none();
                    row.created_at = call.now();
                    row.updated_at = call.now();
                    row.revision = call.next_position();
                    let insert = connected_app::Entity::insert(row.clone().into_active_model());
                    insert
                        .exec_without_returning(call.db())
                        .await
                        .map_err(StorageError::from)?;
                    call.publish(Change::ConnectedApp(Arc::new(row.clone())));
                    call.created(&row);
                    if let Some(hook) = hook {
                        inbound_hook::insert(call, hook).await?;
                    }
                    Ok(row)
                })
            })
            .await
    }

    /// Reads the row, changes it and writes it back in one transaction.
    pub(crate) async fn change(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
        change: impl FnOnce(&mut ConnectedApp) + Send + 'static,
    ) -> Result<ConnectedApp, AppError> {
        let read = permit.read();
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = connected_app::find(call.db(), &read, id).await?;
                    let before = found.ok_or(AppError::NotFound)?;
                    let mut row = before.clone();
                    let limit = RateLimit::of(&row);
                    change(&mut row);
                    if RateLimit::of(&row) != limit {
                        app_turn::reset(call, id).await?;
                    }
                    store(call, &mut row).await?;
                    call.updated(&before, &row);
                    Ok(row)
                })
            })
            .await
    }
}

/// Writes what somebody has changed about an app.
pub(super) async fn store(call: &Call, row: &mut ConnectedApp) -> Result<(), StorageError> {
    row.updated_at = call.now();
    row.revision = call.next_position();
    let update = row.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    call.publish(Change::ConnectedApp(Arc::new(row.clone())));
    Ok(())
}
