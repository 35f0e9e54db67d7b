//! Changes a resource.

use jackfield_storage::{
    access::{ManageApps, Permit},
    ids::ResourceId,
    resource::{self, Resource, ResourceStatus},
};

use super::{
    create::{both, taken},
    input,
};
use crate::{AppError, ConnectedApps};

/// What is to change of a resource; what is absent stays.
#[derive(Default)]
pub struct UpdateResource {
    /// What the provider calls it. The provider is asked whether the new one may be used.
    pub value: Option<String>,
    /// What people call it; an empty one is none.
    pub label: Option<String>,
}

impl ConnectedApps {
    /// Checks and stores what is given.
    pub async fn update_resource(
        &self,
        permit: &Permit<ManageApps>,
        id: ResourceId,
        update: UpdateResource,
    ) -> Result<Resource, AppError> {
        let (row, app) = self.resource(&permit.read(), id).await?;
        let kind = match update.value {
            Some(_) => Some(
                self.kind(&row.provider, &row.resource_type)
                    .map_err(|problem| AppError::Rejected(vec![problem]))?,
            ),
            None => None,
        };
        let value = match (&kind, &update.value) {
            (Some(kind), Some(given)) => input::value(&kind.manifest, given),
            _ => Ok(row.value.clone()),
        };
        let label = input::label(update.label.as_deref().unwrap_or_default());
        let (value, label) = both(value, label)?;
        let standing = match kind.filter(|_| value != row.value) {
            Some(kind) => Some(self.standing(permit, app, (&kind, &value)).await),
            None => None,
        };
        let (read, is_labelled) = (permit.read(), update.label.is_some());
        let written = self.store.writer().call(permit, move |call| {
            Box::pin(async move {
                let found = resource::find(call.db(), &read, id).await?;
                let mut row = found.ok_or(AppError::NotFound)?;
                let all =
                    resource::of_type(call.db(), &read, row.app_id, &row.resource_type).await?;
                let other = all
                    .iter()
                    .find(|other| other.value == value && other.id != id);
                if let Some(other) = other {
                    return Err(AppError::Rejected(vec![taken(other)]));
                }
                if is_labelled {
                    row.label = label;
                }
                if let Some(standing) = standing {
                    row.value = value;
                    standing.put(call.now(), &mut row);
                }
                let row = resource::update(call, row).await?;
                let heir = match row.status {
                    ResourceStatus::Verified => {
                        resource::inherit_default(call, &read, &row).await?
                    }
                    _ => None,
                };
                Ok(heir.filter(|heir| heir.id == row.id).unwrap_or(row))
            })
        });
        written.await
    }
}
