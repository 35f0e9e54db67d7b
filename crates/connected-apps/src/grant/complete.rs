use jackfield_plugin_host::messages::CallError;
use jackfield_storage::{
    StorageError, Timestamp,
    access::{ManageApps, Permit},
    app_grant::{self, AppGrant},
    connected_app::{self, ConnectedApp},
    ids::{ConnectedAppId, WorkspaceId},
    oauth_state::{self, OAuthState},
};
use serde_json::Value;
use url::Url;

use super::{AuthorizationServer, PART, Sealed, keep::Instead, start};
use crate::{
    ConnectedApps, SealError, Secret, Subject, TokenError, TokenRequest,
    app::OpenApp,
    token::{Granted, exchange},
};

/// With what a person comes back: the query of the redirect URI.
pub struct Callback {
    /// What they were sent away with.
    pub state: String,
    /// What access is got for; none when they have refused.
    pub code: Option<Secret>,
    /// Why there is no code, as RFC 6749, section 4.1.2.1 names it.
    pub error: Option<String>,
    /// Whatever else there was.
    pub others: Vec<(String, String)>,
}

/// What came of it.
#[derive(Debug)]
pub struct Completed {
    /// The app as it is now.
    pub app: ConnectedApp,
    /// Where the person wants to go.
    pub return_to: Option<Url>,
}

/// Why access was not granted. Each says what the person can do.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// Nobody was sent away with that state, or they are back already, or it took them too long.
    #[error("this link is used up or too old: start again")]
    UnknownState,
    /// The person, or the provider, has said no.
    #[error("access was not granted ({0}): start again if that was not meant")]
    Refused(String),
    /// The provider does not take the code.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// The app is gone, or cannot be used.
    #[error("{0}")]
    App(String),
    /// The tokens could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl ConnectedApps {
    /// Exchanges what a person came back with for tokens, and stores these. The app is checked right after.
    pub async fn complete_oauth(&self, callback: Callback) -> Result<Completed, OAuthError> {
        let state = self.arrived(&callback.state).await?;
        if let Some(error) = callback.error {
            let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            return Err(OAuthError::Refused(
                error.chars().filter(|c| word(*c)).take(60).collect(),
            ));
        }
        let missing = || OAuthError::Refused("no code came back".to_owned());
        let code = callback.code.ok_or_else(missing)?;
        let permit = Permit::<ManageApps>::system(state.workspace_id, "oauth");
        let found = connected_app::find(self.store.reader(), &permit.read(), state.app_id).await?;
        let gone = || OAuthError::App("the connected app is gone".to_owned());
        let app = self.unseal(found.ok_or_else(gone)?).map_err(unusable)?;
        let (id, return_to) = (app.id, state.return_to.clone());
        // A code works once: what it was exchanged for is stored also when the person is gone meanwhile.
        let (apps, others) = (self.clone(), callback.others);
        let taken = async move { apps.take_grant(state, app, code, others).await };
        let ended = |_| OAuthError::App("the server had an error: start again".to_owned());
        tokio::spawn(taken).await.map_err(ended)??;
        self.grants.forget(&id);
        let checked = self.check_granted(&permit, id).await;
        Ok(Completed {
            app: checked.map_err(|error| OAuthError::App(error.to_string()))?,
            return_to: return_to.and_then(|url| url.parse().ok()),
        })
    }

    async fn take_grant(
        &self,
        state: OAuthState,
        app: OpenApp,
        code: Secret,
        others: Vec<(String, String)>,
    ) -> Result<(), OAuthError> {
        let (granted, keep) = self.exchange_code(&state, &app, code).await?;
        let kept = others.into_iter().filter(|(name, _)| keep.contains(name));
        let permit = Permit::<ManageApps>::system(state.workspace_id, "oauth");
        self.store_grant(&permit, app.id, granted, kept.collect())
            .await
    }

    /// Who comes back with that state. They do so once.
    async fn arrived(&self, state: &str) -> Result<OAuthState, OAuthError> {
        let found = oauth_state::find_by_hash(self.store.reader(), &start::sha256(state)).await?;
        let pending = found.ok_or(OAuthError::UnknownState)?;
        let permit = Permit::<ManageApps>::system(pending.workspace_id, "oauth");
        let hash = pending.hash.clone();
        let writer = self.store.writer();
        let taken = writer.call(&permit, |call| {
            Box::pin(async move { oauth_state::take(call, &hash).await })
        });
        let ours = taken.await?;
        match ours && self.store.clock().now() < pending.expires_at {
            true => Ok(pending),
            false => Err(OAuthError::UnknownState),
        }
    }

    async fn exchange_code(
        &self,
        state: &OAuthState,
        app: &OpenApp,
        code: Secret,
    ) -> Result<(Granted, Vec<String>), OAuthError> {
        let changed = || OAuthError::App("the connected app has changed: start again".to_owned());
        let server =
            AuthorizationServer::of(&app.provider, &app.credentials).ok_or_else(changed)?;
        let server = server.map_err(OAuthError::App)?;
        let subject = Subject::part(state.workspace_id, app.id, start::VERIFIER);
        let verifier = self.sealer().open(&subject, &state.sealed_verifier)?;
        let verifier = String::from_utf8(verifier.to_vec()).map_err(|_| changed())?;
        let redirect_uri: Url = state.redirect_uri.parse().map_err(|_| changed())?;
        let plugin = &app.provider.plugin;
        plugin.may_reach(&server.token_url).map_err(unusable)?;
        let url = app.settings.rewrite(server.token_url);
        self.note_token_request((state.workspace_id, app.id), &url)
            .await?;
        let proof = (code, Secret::new(verifier));
        let request = TokenRequest::authorization_code(url, server.client, proof, &redirect_uri);
        let granted = exchange(&self.egress, &request).await?;
        let granted = self
            .exchange_token(state.workspace_id, app, granted, &server.exchanges)
            .await?;
        Ok((granted, server.keep))
    }

    /// Stores tokens that were got with a code, and what else came with it among the app's settings.
    async fn store_grant(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
        granted: Granted,
        kept: Vec<(String, String)>,
    ) -> Result<(), OAuthError> {
        let sealed = self.seal_grant(permit.workspace(), id, &granted, None)?;
        let before = app_grant::find(self.store.reader(), &permit.read(), id).await?;
        let grant = AppGrant {
            app_id: id,
            workspace_id: permit.workspace(),
            sealed,
            expires_at: self.expiry(&granted),
            generation: before.map_or(0, |before| before.generation) + 1,
            lease_owner: None,
            lease_until: None,
        };
        self.keep(grant, Instead::OfAny).await?;
        if kept.is_empty() {
            return Ok(());
        }
        let changed = self.change(permit, id, move |row| {
            let mut settings = row.settings.value();
            if let Value::Object(members) = &mut settings {
                members.extend(kept.into_iter().map(|(name, value)| (name, value.into())));
                row.settings = settings.into();
            }
        });
        changed
            .await
            .map(drop)
            .map_err(|error| OAuthError::App(error.to_string()))
    }

    pub(super) fn seal_grant(
        &self,
        workspace: WorkspaceId,
        id: ConnectedAppId,
        granted: &Granted,
        refresh: Option<&Secret>,
    ) -> Result<Vec<u8>, SealError> {
        let refresh = granted.refresh.as_ref().or(refresh);
        let tokens = Sealed {
            access: granted.access.expose().to_owned(),
            refresh: refresh.map(|token| token.expose().to_owned()),
        };
        let subject = Subject::part(workspace, id, PART);
        self.sealer().seal(&subject, &tokens.bytes())
    }

    pub(super) fn expiry(&self, granted: &Granted) -> Option<Timestamp> {
        let now = self.store.clock().now();
        granted.lifetime.map(|lifetime| now.after(lifetime))
    }
}

pub(super) fn unusable(error: CallError) -> OAuthError {
    OAuthError::App(error.message)
}
