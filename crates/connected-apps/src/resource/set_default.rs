//! Makes a resource the one that is used when nothing else is said.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    ids::ResourceId,
    resource::{self, Resource, ResourceStatus},
};

use crate::{AppError, ConnectedApps};

impl ConnectedApps {
    /// Makes a verified resource the default of its app and type, and the one before it no more.
    pub async fn set_default_resource(
        &self,
        permit: &Permit<ManageApps>,
        id: ResourceId,
    ) -> Result<Resource, AppError> {
        let read = permit.read();
        let set = self.store.writer().call(permit, move |call| {
            Box::pin(async move {
                let found = resource::find(call.db(), &read, id).await?;
                let row = found.ok_or(AppError::NotFound)?;
                if row.status != ResourceStatus::Verified {
                    let message = format!(
                        "`{}` is not verified, and so cannot be used: verify it first",
                        row.value
                    );
                    return Err(AppError::Rejected(vec![Problem::new(
                        ["resourceId"],
                        ProblemCode::Conflict,
                        message,
                    )]));
                }
                Ok(resource::set_default(call, &read, row).await?)
            })
        });
        set.await
    }
}
