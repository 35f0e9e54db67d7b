//! The resources of connected apps, one verb per file.
//!
//! What a plugin's manifest says of a type decides what may be stored: how many, and what values look like. Whether one may be
//! used is the provider's word, which is asked for when a resource is made, when somebody wants to know, and whenever its app is
//! checked. Exactly one verified resource of an app and type is the default, from the first verified one on.

mod create;
mod delete;
mod import;
mod input;
mod resolve;
mod sender;
mod set_default;
mod standing;
mod update;
mod verify;

pub use create::NewResource;
pub use import::Imported;
pub use resolve::{Resolved, ResourceWarning};
pub use sender::{Sender, WantedSender};
pub use update::UpdateResource;

use std::sync::Arc;

use jackfield_plugin_host::{Provider, messages::ResourceManifest};
use jackfield_storage::{
    Problem, ProblemCode,
    access::{Permit, Read},
    connected_app::{self, ConnectedApp},
    ids::{ConnectedAppId, ResourceId},
    resource::{self, Resource},
};

use crate::{AppError, ConnectedApps};

/// Most resources of one type of an app, if the plugin does not say how many.
const MOST: usize = 1_000;

/// A type of resources of an app's provider.
struct Kind {
    provider: Arc<Provider>,
    manifest: ResourceManifest,
}

impl Kind {
    /// Most of them that an app may hold.
    fn most(&self) -> usize {
        let most = self.manifest.max.map(|max| max as usize);
        most.unwrap_or(MOST).min(MOST)
    }

    /// The problem of an app that holds as many as it may.
    fn full(&self) -> Problem {
        let (name, title, most) = (
            &self.manifest.name,
            &self.provider.manifest.title,
            self.most(),
        );
        let message = format!(
            "a connected app of {title} holds at most {most} of the type {name}: delete one that is not needed"
        );
        Problem::new(["resourceType"], ProblemCode::TooLarge, message)
    }
}

impl ConnectedApps {
    /// The app that an input names.
    async fn app_of_input(
        &self,
        permit: &Permit<Read>,
        id: ConnectedAppId,
    ) -> Result<ConnectedApp, AppError> {
        let found = connected_app::find(self.store.reader(), permit, id).await?;
        found.ok_or_else(|| AppError::Rejected(vec![no_app()]))
    }

    /// A resource with its app.
    async fn resource(
        &self,
        permit: &Permit<Read>,
        id: ResourceId,
    ) -> Result<(Resource, ConnectedApp), AppError> {
        let found = resource::find(self.store.reader(), permit, id).await?;
        let row = found.ok_or(AppError::NotFound)?;
        let app = connected_app::find(self.store.reader(), permit, row.app_id).await?;
        Ok((row, app.ok_or(AppError::NotFound)?))
    }

    /// A type of resources as the plugin has it now.
    fn kind(&self, provider: &str, resource_type: &str) -> Result<Kind, Problem> {
        let problem = |message| Problem::new(["resourceType"], ProblemCode::Invalid, message);
        let Some(loaded) = self.host.provider(provider) else {
            return Err(problem(format!(
                "the plugin of the provider `{provider}` is not loaded, so nothing is known about its resources"
            )));
        };
        let kinds = &loaded.manifest.resources;
        let known = kinds
            .iter()
            .find(|kind| kind.resource_type == resource_type);
        let Some(manifest) = known.cloned() else {
            let title = &loaded.manifest.title;
            let names: Vec<&str> = kinds
                .iter()
                .map(|kind| kind.resource_type.as_str())
                .collect();
            return Err(problem(match names.is_empty() {
                true => format!("{title} has no resources"),
                false => format!("the resource types of {title} are: {}", names.join(", ")),
            }));
        };
        Ok(Kind {
            provider: loaded,
            manifest,
        })
    }
}

fn no_app() -> Problem {
    let message = "there is no such connected app in this workspace";
    Problem::new(["connectedAppId"], ProblemCode::NotFound, message)
}
