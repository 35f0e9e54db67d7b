//! Adds a resource to an app.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app::{self, ConnectedApp},
    credential_use::UsePurpose,
    ids::ConnectedAppId,
    resource::{self, Resource, ResourceStatus},
};

use super::{Kind, input, no_app, standing::Standing};
use crate::{AppError, ConnectedApps};

/// A resource to be added.
pub struct NewResource {
    /// The app whose it is.
    pub app: ConnectedAppId,
    /// A resource type of the app's provider.
    pub resource_type: String,
    /// What the provider calls it.
    pub value: String,
    /// What people call it; at most 200 characters.
    pub label: Option<String>,
}

impl ConnectedApps {
    /// Asks the provider whether the resource may be used, and stores it with the answer. One that the provider could not be
    /// asked about is pending. The first verified one of an app and type becomes the default.
    pub async fn create_resource(
        &self,
        permit: &Permit<ManageApps>,
        new: NewResource,
    ) -> Result<Resource, AppError> {
        let app = self.app_of_input(&permit.read(), new.app).await?;
        let kind = self
            .kind(&app.provider, &new.resource_type)
            .map_err(|problem| AppError::Rejected(vec![problem]))?;
        let value = input::value(&kind.manifest, &new.value);
        let label = input::label(new.label.as_deref().unwrap_or_default());
        let (value, label) = both(value, label)?;
        let standing = self.standing(permit, app.clone(), (&kind, &value)).await;
        let now = self.store.clock().now();
        let mut row = Resource {
            id: self.store.clock().id(),
            workspace_id: permit.workspace(),
            app_id: app.id,
            provider: app.provider,
            resource_type: kind.manifest.resource_type.clone(),
            value,
            label,
            is_default: false,
            status: ResourceStatus::Pending,
            message: None,
            status_since: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            revision: 0,
        };
        standing.put(now, &mut row);
        let read = permit.read();
        let written = self.store.writer().call(permit, move |call| {
            Box::pin(async move {
                let rejected = |problem| Err(AppError::Rejected(vec![problem]));
                if connected_app::find(call.db(), &read, row.app_id)
                    .await?
                    .is_none()
                {
                    return rejected(no_app());
                }
                let all =
                    resource::of_type(call.db(), &read, row.app_id, &row.resource_type).await?;
                if let Some(other) = all.iter().find(|other| other.value == row.value) {
                    return rejected(taken(other));
                }
                if all.len() >= kind.most() {
                    return rejected(kind.full());
                }
                let row = resource::insert(call, row).await?;
                let heir = resource::inherit_default(call, &read, &row).await?;
                Ok(heir.filter(|heir| heir.id == row.id).unwrap_or(row))
            })
        });
        written.await
    }
}

impl ConnectedApps {
    /// What the provider says of a value, or that it could not be asked.
    pub(super) async fn standing(
        &self,
        permit: &Permit<ManageApps>,
        app: ConnectedApp,
        (kind, value): (&Kind, &str),
    ) -> Standing {
        let asked = match self.unseal(app) {
            Ok(opened) => {
                let questions = self.questions(permit.workspace(), opened, UsePurpose::Resources);
                questions.standing(&kind.manifest, value).await
            }
            Err(error) => Err(error),
        };
        asked.unwrap_or_else(|error| Standing::unasked(&error))
    }
}

pub(super) fn taken(other: &Resource) -> Problem {
    let message = format!("the app has it already, as {}", other.id);
    Problem::new(["value"], ProblemCode::Taken, message)
}

pub(super) fn both<A, B>(a: Result<A, Problem>, b: Result<B, Problem>) -> Result<(A, B), AppError> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => {
            let problems = [a.err(), b.err()].into_iter().flatten().collect();
            Err(AppError::Rejected(problems))
        }
    }
}
