use std::time::Duration;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jackfield_storage::{
    Problem, ProblemCode, Timestamp,
    access::{ManageApps, Permit},
    connected_app,
    ids::ConnectedAppId,
    oauth_state::{self, OAuthState},
};
use url::Url;

use super::AuthorizationServer;
use crate::{AppError, ConnectedApps, Subject};

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What tells a code verifier from the other sealed values of an app.
pub(super) const VERIFIER: &str = "verifier";

/// Where a person is to be sent.
#[derive(Clone, Debug)]
pub struct StartedOAuth {
    /// The provider's page.
    pub authorization_url: Url,
    /// Until when they have to be back.
    pub expires_at: Timestamp,
}

impl ConnectedApps {
    /// Begins to ask a person for access. The provider sends them back to `redirect_uri`, and from there they are sent on to
    /// `return_to`, if given.
    pub async fn start_oauth(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
        redirect_uri: &Url,
        return_to: Option<Url>,
    ) -> Result<StartedOAuth, AppError> {
        let found = connected_app::find(self.store.reader(), &permit.read(), id).await?;
        let row = found.ok_or(AppError::NotFound)?;
        let app = self
            .unseal(row.clone())
            .map_err(|error| refused(error.message))?;
        let server = AuthorizationServer::of(&app.provider, &app.credentials).ok_or_else(|| {
            refused("this app authenticates without a person: nothing is to be granted".to_owned())
        })?;
        let server = server.map_err(refused)?;
        // Else a person grants access for nothing: what comes back could not be exchanged.
        let plugin = &app.provider.plugin;
        plugin
            .may_reach(&server.token_url)
            .map_err(|error| refused(error.message))?;

        let (state, verifier) = (self.unguessable(), self.unguessable());
        let subject = Subject::part(permit.workspace(), id, VERIFIER);
        let expires_at = self.store.clock().now().after(PATIENCE);
        let pending = OAuthState {
            hash: sha256(&state),
            workspace_id: permit.workspace(),
            app_id: id,
            sealed_verifier: self.sealer().seal(&subject, verifier.as_bytes())?,
            redirect_uri: redirect_uri.to_string(),
            return_to: return_to.map(String::from),
            started_by: permit.actor().to_string(),
            expires_at,
        };
        let writer = self.store.writer();
        let noted = writer.call(permit, |call| {
            Box::pin(async move {
                call.noted("askedForAccess", &row);
                oauth_state::add(call, pending).await
            })
        });
        noted.await?;
        let mut authorization_url = app.settings.rewrite(server.authorize_url);
        authorization_url
            .query_pairs_mut()
            .extend_pairs(&server.parameters)
            .append_pair("response_type", "code")
            .append_pair("client_id", server.client.id.expose())
            .append_pair("redirect_uri", redirect_uri.as_str())
            .append_pair("state", &state)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(sha256(&verifier)))
            .append_pair("code_challenge_method", "S256");
        if !server.scope.is_empty() {
            let mut query = authorization_url.query_pairs_mut();
            query.append_pair("scope", &server.scope);
        }
        Ok(StartedOAuth {
            authorization_url,
            expires_at,
        })
    }

    /// 256 bits, as text.
    fn unguessable(&self) -> String {
        let mut bytes = [0; 32];
        self.store.clock().random(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

pub(super) fn sha256(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

fn refused(message: String) -> AppError {
    AppError::Rejected(vec![Problem::new(
        ["connectedAppId"],
        ProblemCode::Conflict,
        message,
    )])
}
