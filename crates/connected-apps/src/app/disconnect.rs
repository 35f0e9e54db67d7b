//! Removes an app with its credentials.

use jackfield_storage::{
    Problem, ProblemCode, StorageError,
    access::{ManageApps, Permit},
    connected_app::{self, ConnectedApp},
    ids::ConnectedAppId,
    inbound_hook, resource, workflow,
};
use sea_orm::EntityTrait;

use super::{AppError, ConnectedApps};

/// How many of the workflows and resources that use an app are named.
const NAMED: usize = 5;

impl ConnectedApps {
    /// Removes the app and its resources, and returns what it was. Steps that name it fail from now on. If it was the default
    /// of its provider, the oldest of the others takes its place.
    ///
    /// One that workflows use, or that has resources, is removed with `force` only.
    pub async fn disconnect(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
        force: bool,
    ) -> Result<ConnectedApp, AppError> {
        let read = permit.read();
        if !force {
            let found = connected_app::find(self.store.reader(), &read, id).await?;
            let row = found.ok_or(AppError::NotFound)?;
            self.check_unused(permit, &row).await?;
        }
        let granted = self.find_grant(permit, id).await?;
        let removed = self
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = connected_app::find(call.db(), &read, id).await?;
                    let row = found.ok_or(AppError::NotFound)?;
                    // They go with it, and are forgotten everywhere.
                    for hook in inbound_hook::of_apps(call.db(), &read, &[id]).await? {
                        inbound_hook::removed(call, hook);
                    }
                    let delete = connected_app::Entity::delete_by_id(id)
                        .exec(call.db())
                        .await;
                    delete.map_err(StorageError::from)?;
                    if row.is_default {
                        connected_app::inherit_default(call, &read, &row.provider).await?;
                    }
                    resource::delete_of_app(call, &read, id).await?;
                    call.deleted(&row);
                    Ok::<_, AppError>(row)
                })
            })
            .await?;
        self.tokens.forget(&id);
        self.grants.forget(&id);
        if let Some(grant) = granted {
            self.give_back(&removed, &grant).await;
        }
        Ok(removed)
    }

    async fn check_unused(
        &self,
        permit: &Permit<ManageApps>,
        app: &ConnectedApp,
    ) -> Result<(), AppError> {
        let (read, db) = (permit.read(), self.store.reader());
        let uses = self.uses_of_apps(&read, std::slice::from_ref(app)).await?;
        let mut users: Vec<_> = uses.into_values().flatten().collect();
        users.sort_by_key(|user| user.workflow);
        users.dedup_by_key(|user| user.workflow);
        let ids: Vec<_> = users.iter().map(|user| user.workflow).collect();
        let mut workflows: Vec<String> = workflow::find_many(db, &read, &ids)
            .await?
            .into_iter()
            .map(|workflow| workflow.name)
            .collect();
        workflows.sort();
        let resources: Vec<String> = resource::of_apps(db, &read, &[app.id])
            .await?
            .into_iter()
            .map(|resource| resource.value)
            .collect();
        let used: Vec<String> = [
            listed("the workflow", "the workflows", &workflows),
            listed("the resource", "the resources", &resources),
        ]
        .into_iter()
        .flatten()
        .collect();
        if used.is_empty() {
            return Ok(());
        }
        let message = format!(
            "`{}` has users: {}; steps that use it would fail, and its resources would be deleted. See its `usedBy` and \
             `resources`, and disconnect it with `force: true`",
            app.name,
            used.join(" and ")
        );
        Err(AppError::Rejected(vec![Problem::new(
            ["force"],
            ProblemCode::InUse,
            message,
        )]))
    }
}

fn listed(one: &str, many: &str, names: &[String]) -> Option<String> {
    let shown: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(NAMED);
    match names.len() {
        0 => None,
        1 => Some(format!("{one} {}", shown[0])),
        _ if more > 0 => Some(format!("{many} {} and {more} more", shown.join(", "))),
        _ => Some(format!("{many} {}", shown.join(", "))),
    }
}
