use bytes::Bytes;
use http::{HeaderMap, Method};
use jackfield_egress::{Outgoing, Request};
use jackfield_plugin_host::messages::TokenExchange;
use jackfield_storage::ids::WorkspaceId;
use url::Url;

use super::{OAuthError, complete::unusable, injections};
use crate::{
    ConnectedApps,
    app::OpenApp,
    credentials::Credentials,
    injection::{fill, inject, inject_token},
    token::{self, Granted},
};

/// What the token so far is called in the templates of an exchange.
const TOKEN: &str = "accessToken";

impl ConnectedApps {
    /// What a token that was granted is exchanged for, one exchange after the other. What it could be refreshed with refreshes none
    /// that it was exchanged for.
    pub(super) async fn exchange_token(
        &self,
        workspace: WorkspaceId,
        app: &OpenApp,
        mut granted: Granted,
        exchanges: &[TokenExchange],
    ) -> Result<Granted, OAuthError> {
        for exchange in exchanges {
            let hop = carrier(exchange, app, &granted)?;
            let plugin = &app.provider.plugin;
            plugin.may_reach(&hop.url).map_err(unusable)?;
            let url = app.settings.rewrite(hop.url);
            self.note_token_request((workspace, app.id), &url).await?;
            let mut request = Request::new(Method::GET, url);
            request.headers = hop.headers;
            granted = token::exchange_for(&self.egress, request).await?;
        }
        Ok(granted)
    }
}

/// The request of an exchange: one as the app's others are, with the token so far.
fn carrier(
    exchange: &TokenExchange,
    app: &OpenApp,
    granted: &Granted,
) -> Result<Outgoing, OAuthError> {
    let credentials = app.credentials.clone().with(TOKEN, granted.access.clone());
    let mut hop = Outgoing {
        method: Method::GET,
        url: place(exchange, &credentials)?,
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    inject_token(granted.access.expose(), &mut hop).map_err(unusable)?;
    for injection in injections(&app.provider, &app.credentials) {
        // One that needs a token has it already.
        inject(injection, &app.credentials, &mut hop).map_err(unusable)?;
    }
    Ok(hop)
}

fn place(exchange: &TokenExchange, credentials: &Credentials) -> Result<Url, OAuthError> {
    let mut url: Url = fill(&exchange.url, credentials).parse().map_err(|_| {
        OAuthError::App(
            "the address at which a token is exchanged is not a valid URL: correct the credentials of the connected app"
                .to_owned(),
        )
    })?;
    if !exchange.query.is_empty() {
        let mut query = url.query_pairs_mut();
        for (name, value) in &exchange.query {
            query.append_pair(name, &fill(value, credentials));
        }
    }
    Ok(url)
}
