use std::time::Duration;

use jackfield_connected_apps::HookSecrets;
use jackfield_storage::{
    ProblemCode,
    access::{ManageApps, Permit},
    connected_app,
    ids::InboundHookId,
    inbound_hook::{self, HookConfig, InboundHook},
};
use serde_json::Value;

use super::{HookError, rejected};
use crate::inbound::Inbound;

impl Inbound {
    /// Gives a hook a new secret. What is signed with the one before is believed for as long as `overlap` says.
    pub async fn rotate_hook_secret(
        &self,
        permit: &Permit<ManageApps>,
        id: InboundHookId,
        secret: String,
        overlap: Duration,
    ) -> Result<InboundHook, HookError> {
        let found = inbound_hook::find(self.store.reader(), &permit.read(), id).await?;
        let mut hook = found.ok_or(HookError::NotFound)?;
        let config: HookConfig = hook.config.parse().unwrap_or_default();
        let new = HookSecrets::parse(&config, &Value::from(secret))
            .map_err(|error| rejected("secret", ProblemCode::Invalid, error.to_string()))?;
        let Some(new) = new else {
            let message = "give the secret that the sender signs with from now on";
            return Err(rejected("secret", ProblemCode::Required, message));
        };
        let now = self.store.clock().now();
        let all = match self.secrets_of(permit, &hook).await? {
            Some(before) => new.replacing(&before, now, now.after(overlap)),
            None => new,
        };
        hook.sealed_secret = Some(all.seal(self.sealer(), hook.workspace_id, hook.id)?);
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move { Ok(inbound_hook::change(call, hook).await?) })
            })
            .await
    }

    /// Its own, or those that its app lends it.
    async fn secrets_of(
        &self,
        permit: &Permit<ManageApps>,
        hook: &InboundHook,
    ) -> Result<Option<HookSecrets>, HookError> {
        if let Some(sealed) = &hook.sealed_secret {
            let open = HookSecrets::open(self.sealer(), hook.workspace_id, hook.id, sealed)?;
            return Ok(Some(open));
        }
        let Some(app) = hook.connected_app_id else {
            return Ok(None);
        };
        let app = connected_app::find(self.store.reader(), &permit.read(), app).await?;
        Ok(app.and_then(|app| self.apps.webhook_secret(app)))
    }
}
