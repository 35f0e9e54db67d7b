use jackfield_storage::{
    StorageError,
    access::{ManageApps, Permit},
    app_grant::{self, AppGrant},
    connected_app::ConnectedApp,
    ids::ConnectedAppId,
};

use super::AuthorizationServer;
use crate::{ConnectedApps, Secret, TokenRequest, token};

impl ConnectedApps {
    /// What an app was granted, if anything.
    pub(crate) async fn find_grant(
        &self,
        permit: &Permit<ManageApps>,
        app: ConnectedAppId,
    ) -> Result<Option<AppGrant>, StorageError> {
        app_grant::find(self.store.reader(), &permit.read(), app).await
    }

    /// Forgets what an app was granted, for it has other credentials now.
    pub(crate) async fn drop_grant(
        &self,
        permit: &Permit<ManageApps>,
        app: ConnectedAppId,
    ) -> Result<(), StorageError> {
        let workspace = permit.workspace();
        let writer = self.store.writer();
        let removed = writer.call(permit, move |call| {
            Box::pin(async move { app_grant::remove(call, workspace, app).await })
        });
        removed.await?;
        self.grants.forget(&app);
        Ok(())
    }

    /// Tells the provider of an app that is gone that its access is not needed any more, where it wants to know. The app is
    /// gone also when that fails.
    pub(crate) async fn give_back(&self, app: &ConnectedApp, grant: &AppGrant) {
        let Ok(open) = self.unseal(app.clone()) else {
            return;
        };
        let server = AuthorizationServer::of(&open.provider, &open.credentials);
        let (Some(Ok(server)), Ok(tokens)) = (server, self.open_grant(grant)) else {
            return;
        };
        let Some(url) = server.revoke_url else {
            return;
        };
        if open.provider.plugin.may_reach(&url).is_err() {
            return;
        }
        let last = tokens.refresh.as_ref().unwrap_or(&tokens.access);
        let url = open.settings.rewrite(url);
        let of = (app.workspace_id, app.id);
        if let Err(error) = self.note_token_request(of, &url).await {
            tracing::warn!(%error, app = %app.id, "the access of an app that is gone is not given back, for that cannot be written down");
            return;
        }
        let request = TokenRequest::revoke(url, server.client, Secret::new(last.clone()));
        if let Err(error) = token::give_back(&self.egress, &request).await {
            tracing::warn!(%error, app = %app.id, "the access of an app that is gone could not be given back");
        }
    }
}
