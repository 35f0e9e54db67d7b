use jackfield_storage::{
    ProblemCode,
    access::{ManageApps, Permit},
    connected_app,
    ids::ConnectedAppId,
    inbound_hook::{self, InboundHook, Scheme},
};

use super::{HookError, check_scheme, rejected};
use crate::inbound::Inbound;

impl Inbound {
    /// Makes the hook of an app that has none, such as one that was connected before its provider had webhooks. An app has one
    /// hook at most: when it is there already, it is returned as it is.
    pub async fn create_hook(
        &self,
        permit: &Permit<ManageApps>,
        app: ConnectedAppId,
        scheme: Option<Scheme>,
    ) -> Result<InboundHook, HookError> {
        let found = connected_app::find(self.store.reader(), &permit.read(), app).await?;
        let app = found.ok_or(HookError::NotFound)?;
        let there = inbound_hook::of_apps(self.store.reader(), &permit.read(), &[app.id]).await?;
        if let Some(there) = there.into_iter().next() {
            return Ok(there);
        }
        let scheme = scheme.or_else(|| self.apps.hook_scheme(&app.provider));
        let Some(scheme) = scheme else {
            let message = format!(
                "nothing is known of webhooks of `{}`; say how they are signed",
                app.provider
            );
            return Err(rejected("scheme", ProblemCode::Required, message));
        };
        check_scheme(&self.apps, scheme, &app.provider)?;
        let hook = self.apps.new_hook(&app, scheme);
        let read = permit.read();
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let there = inbound_hook::of_apps(call.db(), &read, &[app.id]).await?;
                    match there.into_iter().next() {
                        Some(there) => Ok(there),
                        None => Ok(inbound_hook::insert(call, hook).await?),
                    }
                })
            })
            .await
    }
}
