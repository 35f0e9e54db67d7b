use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWorkspace;

use crate::context::ContextExt;
use crate::errors::{UserError, internal};

/// The mutation `resealSecrets`.
#[derive(Default)]
pub struct ResealSecrets;

/// What `resealSecrets` takes.
#[derive(InputObject)]
struct ResealSecretsInput {
    /// Whether to look only, and change nothing.
    #[graphql(default)]
    dry_run: bool,
}

/// What `resealSecrets` answers.
#[derive(SimpleObject)]
struct ResealSecretsPayload {
    /// How many secrets were sealed anew, or would be.
    resealed: i32,
    /// How many were sealed with the current master key before.
    current: i32,
    /// The ids of what has secrets that none of the server's master keys opens. They have to be entered again.
    unreadable: Vec<String>,
    /// What has to change in the input; always empty.
    user_errors: Vec<UserError>,
}

#[Object]
impl ResealSecrets {
    /// Seals all secrets of the workspace with the current master key, which is the first that the server has. When
    /// `unreadable` is empty, the other keys are needed no more.
    async fn reseal_secrets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How to go about it.")] input: ResealSecretsInput,
    ) -> Result<ResealSecretsPayload> {
        let permit = ctx.permit::<ManageWorkspace>()?;
        let services = ctx.services()?;
        let done = services
            .apps
            .sealer()
            .reseal(&services.store, &permit, input.dry_run);
        let done = done.await.map_err(internal)?;
        let count = |count| i32::try_from(count).unwrap_or(i32::MAX);
        Ok(ResealSecretsPayload {
            resealed: count(done.resealed),
            current: count(done.current),
            unreadable: done.unreadable,
            user_errors: Vec::new(),
        })
    }
}
