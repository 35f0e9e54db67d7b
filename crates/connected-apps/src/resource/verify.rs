//! Asks the provider whether a resource may be used.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    credential_use::UsePurpose,
    ids::ResourceId,
    resource::{self, Resource},
};

use crate::{AppError, ConnectedApps};

impl ConnectedApps {
    /// Asks the provider now, and returns the resource with the answer. When there is none, nothing changes.
    pub async fn verify_resource(
        &self,
        permit: &Permit<ManageApps>,
        id: ResourceId,
    ) -> Result<Resource, AppError> {
        let (row, app) = self.resource(&permit.read(), id).await?;
        let rejected = |problem: Problem| AppError::Rejected(vec![problem]);
        let kind = self
            .kind(&row.provider, &row.resource_type)
            .map_err(rejected)?;
        let title = &kind.provider.manifest.title;
        let unanswered = |why: String| {
            let message = format!("{title} could not be asked about `{}`: {why}", row.value);
            rejected(Problem::new(
                ["resourceId"],
                ProblemCode::ProviderUnreachable,
                message,
            ))
        };
        let opened = self
            .unseal(app)
            .map_err(|error| unanswered(error.message))?;
        let questions = self.questions(permit.workspace(), opened, UsePurpose::Resources);
        let asked = questions.standing(&kind.manifest, &row.value).await;
        let standing = asked.map_err(|error| unanswered(error.message))?;
        let (read, value) = (permit.read(), row.value.clone());
        let written = self.store.writer().call(permit, move |call| {
            Box::pin(async move {
                let found = resource::find(call.db(), &read, id).await?;
                let mut row = found.ok_or(AppError::NotFound)?;
                if row.value != value {
                    return Ok(row);
                }
                standing.put(call.now(), &mut row);
                let row = resource::update(call, row).await?;
                let heir = resource::inherit_default(call, &read, &row).await?;
                Ok(heir.filter(|heir| heir.id == row.id).unwrap_or(row))
            })
        });
        written.await
    }
}
