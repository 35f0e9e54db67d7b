//! What a provider says of resources.

use jackfield_plugin_host::messages::{
    CallError, Resource as Listed, ResourceManifest, ResourceQuery, ResourceRef,
    ResourceStatus as Said,
};
use jackfield_storage::{
    Timestamp,
    access::{ManageApps, Permit},
    connected_app::ConnectedApp,
    resource::{self, Resource, ResourceStatus},
};

use crate::{
    AppError, ConnectedApps,
    app::{PART, Questions},
};

/// Most pages of a list that are read.
const PAGES: usize = 50;

/// What the provider said of one resource, if it could be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub status: ResourceStatus,
    pub message: Option<String>,
    /// Whether it was.
    pub asked: bool,
}

impl Standing {
    fn of(said: Said, message: Option<String>) -> Self {
        let status = match said {
            Said::Verified => ResourceStatus::Verified,
            Said::Pending => ResourceStatus::Pending,
            Said::Failed => ResourceStatus::Unverified,
        };
        Self {
            status,
            message,
            asked: true,
        }
    }

    /// The one of a resource that nobody could be asked about.
    pub fn unasked(error: &CallError) -> Self {
        Self {
            status: ResourceStatus::Pending,
            asked: false,
            message: Some(format!(
                "The provider could not be asked: {}",
                error.message
            )),
        }
    }

    /// Writes it down as what was found at that instant. Whether it is another one than before.
    pub fn put(&self, now: Timestamp, row: &mut Resource) -> bool {
        let is_news = row.status != self.status || row.message != self.message;
        if is_news || row.status_since.is_none() {
            row.status_since = self.asked.then_some(now);
        }
        row.status = self.status;
        row.message = self.message.clone();
        is_news
    }
}

impl Questions {
    /// What the provider says of one resource. Of a type that it has no word on, whatever is entered counts as verified.
    pub(super) async fn standing(
        &self,
        kind: &ResourceManifest,
        value: &str,
    ) -> Result<Standing, CallError> {
        if kind.verify {
            let resource = ResourceRef {
                resource_type: kind.resource_type.clone(),
                value: value.to_owned(),
            };
            let verified = self.verify_resource(&resource).await?;
            return Ok(Standing::of(verified.status, verified.message));
        }
        if kind.list {
            return Ok(self.in_list(&self.list(kind).await?, value));
        }
        Ok(Standing {
            status: ResourceStatus::Verified,
            message: None,
            asked: true,
        })
    }

    /// All that the account has of a type.
    pub(super) async fn list(&self, kind: &ResourceManifest) -> Result<Vec<Listed>, CallError> {
        let mut query = ResourceQuery {
            resource_type: kind.resource_type.clone(),
            cursor: None,
        };
        let mut listed = Vec::new();
        for _ in 0..PAGES {
            let page = self.list_resources(&query).await?;
            listed.extend(page.resources);
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        Ok(listed)
    }

    pub(super) fn in_list(&self, listed: &[Listed], value: &str) -> Standing {
        let known = listed
            .iter()
            .find(|known| known.value.eq_ignore_ascii_case(value));
        match known {
            Some(known) => Standing::of(known.status, None),
            None => {
                let title = &self.provider().manifest.title;
                let message = format!("{title} does not know it: add it there first.");
                Standing::of(Said::Failed, Some(message))
            }
        }
    }
}

impl ConnectedApps {
    /// Brings what is known of an app's resources up to date. What the provider has no answer for stays as it is.
    pub(crate) async fn refresh_resources(
        &self,
        app: &ConnectedApp,
        questions: &Questions,
    ) -> Result<(), AppError> {
        let permit = Permit::<ManageApps>::system(app.workspace_id, PART);
        let read = permit.read();
        let rows = resource::of_apps(self.store.reader(), &read, &[app.id]).await?;
        let mut found = Vec::new();
        for kind in &questions.provider().manifest.resources {
            let of_kind = rows
                .iter()
                .filter(|row| row.resource_type == kind.resource_type);
            let of_kind: Vec<&Resource> = of_kind.collect();
            if of_kind.is_empty() || !(kind.list || kind.verify) {
                continue;
            }
            match questions.standings(kind, &of_kind).await {
                Ok(standings) => found.extend(
                    of_kind
                        .iter()
                        .zip(standings)
                        .map(|(row, standing)| (row.id, row.value.clone(), standing)),
                ),
                Err(error) => tracing::info!(
                    %error, app = %app.id, resource_type = kind.resource_type,
                    "the provider could not be asked about resources"
                ),
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        let written = self.store.writer().call(&permit, move |call| {
            Box::pin(async move {
                for (id, value, standing) in found {
                    let Some(mut row) = resource::find(call.db(), &read, id).await? else {
                        continue;
                    };
                    // Somebody may have changed it while the provider was asked.
                    if row.value != value || !standing.put(call.now(), &mut row) {
                        continue;
                    }
                    let row = resource::update(call, row).await?;
                    resource::inherit_default(call, &read, &row).await?;
                }
                Ok(())
            })
        });
        written.await
    }
}

impl Questions {
    /// What the provider says of several resources of one type, with as few questions as possible.
    async fn standings(
        &self,
        kind: &ResourceManifest,
        rows: &[&Resource],
    ) -> Result<Vec<Standing>, CallError> {
        if kind.list {
            let listed = self.list(kind).await?;
            let of_row = |row: &&Resource| self.in_list(&listed, &row.value);
            return Ok(rows.iter().map(of_row).collect());
        }
        let mut standings = Vec::with_capacity(rows.len());
        for row in rows {
            standings.push(self.standing(kind, &row.value).await?);
        }
        Ok(standings)
    }
}
