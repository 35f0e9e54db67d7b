//! Takes over what the account has at the provider.

use jackfield_plugin_host::messages::{Resource as Listed, ResourceManifest};
use jackfield_storage::{
    Call, Problem, ProblemCode,
    access::{ManageApps, Permit, Read},
    connected_app::{self, ConnectedApp},
    credential_use::UsePurpose,
    ids::ConnectedAppId,
    resource::{self, Resource, ResourceStatus},
};

use super::{input, no_app, standing::Standing};
use crate::{AppError, ConnectedApps};

/// What came of an import.
pub struct Imported {
    /// Those that are new.
    pub resources: Vec<Resource>,
    /// How many more the provider has that the app may not hold.
    pub left_out: usize,
}

impl ConnectedApps {
    /// Adds what the provider lists and the app does not hold yet, and brings the others up to date. The default of the
    /// provider becomes the default if there is none.
    pub async fn import_resources(
        &self,
        permit: &Permit<ManageApps>,
        app: ConnectedAppId,
        resource_type: &str,
    ) -> Result<Imported, AppError> {
        let app = self.app_of_input(&permit.read(), app).await?;
        let rejected = |problem: Problem| AppError::Rejected(vec![problem]);
        let kind = self.kind(&app.provider, resource_type).map_err(rejected)?;
        let title = kind.provider.manifest.title.clone();
        if !kind.manifest.list {
            let message = format!("the plugin of {title} cannot list them: add them one by one");
            return Err(rejected(Problem::new(
                ["resourceType"],
                ProblemCode::Conflict,
                message,
            )));
        }
        let unanswered = |why: String| {
            let message = format!("{title} could not be asked what the account has: {why}");
            rejected(Problem::new(
                ["connectedAppId"],
                ProblemCode::ProviderUnreachable,
                message,
            ))
        };
        let opened = self
            .unseal(app.clone())
            .map_err(|error| unanswered(error.message))?;
        let questions = self.questions(permit.workspace(), opened, UsePurpose::Resources);
        let listed = questions.list(&kind.manifest).await;
        let listed = listed.map_err(|error| unanswered(error.message))?;
        let standings: Vec<Standing> = listed
            .iter()
            .map(|one| questions.in_list(&listed, &one.value))
            .collect();
        let listed = listed.into_iter().zip(standings).collect();
        let (read, most) = (permit.read(), kind.most());
        let merged = self.store.writer().call(permit, move |call| {
            Box::pin(async move { merge(call, &read, (&app, &kind.manifest, most), listed).await })
        });
        merged.await
    }
}

async fn merge(
    call: &Call,
    read: &Permit<Read>,
    (app, kind, most): (&ConnectedApp, &ResourceManifest, usize),
    listed: Vec<(Listed, Standing)>,
) -> Result<Imported, AppError> {
    if connected_app::find(call.db(), read, app.id)
        .await?
        .is_none()
    {
        return Err(AppError::Rejected(vec![no_app()]));
    }
    let mut held = resource::of_type(call.db(), read, app.id, &kind.resource_type).await?;
    let mut imported = Imported {
        resources: Vec::new(),
        left_out: 0,
    };
    let mut preferred = None;
    for (one, standing) in listed {
        let known = held
            .iter()
            .position(|row| row.value.eq_ignore_ascii_case(&one.value));
        let row = match known {
            Some(known) => {
                let row = &mut held[known];
                if standing.put(call.now(), row) {
                    *row = resource::update(call, row.clone()).await?;
                }
                row.clone()
            }
            None if held.len() >= most => {
                imported.left_out += 1;
                continue;
            }
            None => {
                let row = resource::insert(call, new(call, app, kind, &one, &standing)).await?;
                imported.resources.push(row.clone());
                held.push(row.clone());
                row
            }
        };
        if one.is_default && row.status == ResourceStatus::Verified {
            preferred = preferred.or(Some(row));
        }
    }
    let heir = match (
        held.iter().any(|row| row.is_default),
        preferred,
        held.first(),
    ) {
        (true, ..) => None,
        (false, Some(row), _) => Some(resource::set_default(call, read, row).await?),
        (false, None, Some(any)) => resource::inherit_default(call, read, any).await?,
        (false, None, None) => None,
    };
    if let Some(heir) = heir {
        for row in imported
            .resources
            .iter_mut()
            .filter(|row| row.id == heir.id)
        {
            *row = heir.clone();
        }
    }
    Ok(imported)
}

fn new(
    call: &Call,
    app: &ConnectedApp,
    kind: &ResourceManifest,
    listed: &Listed,
    standing: &Standing,
) -> Resource {
    let mut row = Resource {
        id: call.id(),
        workspace_id: app.workspace_id,
        app_id: app.id,
        provider: app.provider.clone(),
        resource_type: kind.resource_type.clone(),
        value: listed.value.clone(),
        label: input::label(&listed.label).ok().flatten(),
        is_default: false,
        status: ResourceStatus::Pending,
        message: None,
        status_since: None,
        created_at: call.now(),
        updated_at: call.now(),
        deleted_at: None,
        revision: 0,
    };
    standing.put(call.now(), &mut row);
    row
}
