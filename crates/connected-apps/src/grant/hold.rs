use std::time::Duration;

use jackfield_storage::{
    StorageError, Timestamp,
    access::{ManageApps, Permit, Read},
    app_grant::{self, AppGrant},
    credential_use,
    ids::{ConnectedAppId, WorkspaceId},
};
use tokio::time::{Instant, sleep};
use url::Url;

use super::{AuthorizationServer, PART, Sealed, keep::Instead};
use crate::{
    ConnectedApps, Secret, Subject, TokenError, TokenRequest, code,
    credential_use::token_request,
    token::{Granted, ahead, exchange},
};

/// How long a refresh may take before another node tries: longer than a token endpoint is waited for.
const LEASE: Duration = Duration::from_secs(60);

/// How long it is waited for another node's refresh.
const PATIENCE: Duration = Duration::from_secs(70);

/// How often it is looked whether another node has refreshed the tokens.
const PAUSE: Duration = Duration::from_millis(50);

/// What is known of an app's access token. Its lock is held while the token is refreshed.
#[derive(Default)]
pub(crate) struct Slot {
    held: Option<Held>,
    /// The last generation that the provider has refused.
    refused: i64,
}

struct Held {
    access: Secret,
    /// The revision of the app at which it was read: another one may have other credentials, and so no access.
    revision: i64,
    renew_at: Option<Timestamp>,
    generation: i64,
}

/// Whose token is wanted.
#[derive(Clone)]
pub(crate) struct Owner {
    pub workspace: WorkspaceId,
    pub app: ConnectedAppId,
    pub revision: i64,
    pub name: String,
}

impl ConnectedApps {
    /// The access token of an app, refreshed when it is about to end or was refused.
    pub(crate) async fn granted(
        &self,
        owner: &Owner,
        server: AuthorizationServer,
    ) -> Result<Secret, TokenError> {
        let slot = self.grants.slot(owner.app);
        let mut slot = slot.lock().await;
        let now = self.store.clock().now();
        if let Some(held) = &slot.held
            && held.revision == owner.revision
            && held.renew_at.is_none_or(|renew_at| now < renew_at)
        {
            return Ok(held.access.clone());
        }
        let held = self.hold(owner, server, slot.refused).await?;
        let access = held.access.clone();
        slot.held = Some(held);
        Ok(access)
    }

    /// Uses a token no more that was refused.
    pub(crate) async fn refuse_grant(&self, app: ConnectedAppId, refused: &Secret) {
        let slot = self.grants.slot(app);
        let mut slot = slot.lock().await;
        if let Some(held) = slot
            .held
            .take_if(|held| held.access.expose() == refused.expose())
        {
            slot.refused = held.generation;
        }
    }

    /// Reads the token, and refreshes it unless somebody else does.
    async fn hold(
        &self,
        owner: &Owner,
        server: AuthorizationServer,
        refused: i64,
    ) -> Result<Held, TokenError> {
        let read = Permit::<Read>::system(owner.workspace, PART);
        let since = Instant::now();
        loop {
            let found = app_grant::find(self.store.reader(), &read, owner.app).await;
            let grant = found.map_err(unreadable)?.ok_or_else(|| missing(owner))?;
            let tokens = self.open_grant(&grant)?;
            let renew_at = grant.expires_at.map(|end| self.renewal(end));
            let now = self.store.clock().now();
            let lasts = renew_at.is_none_or(|renew_at| now < renew_at);
            if lasts && grant.generation > refused {
                let access = Secret::new(tokens.access.clone());
                let generation = grant.generation;
                return Ok(Held {
                    access,
                    revision: owner.revision,
                    renew_at,
                    generation,
                });
            }
            let Some(refresh) = tokens.refresh.clone().map(Secret::new) else {
                let why = "its access has ended, and the provider gave nothing to renew it with";
                self.needs_grant(owner, why).await;
                return Err(ended(owner, why));
            };
            let endpoint = &server.token_url;
            if self
                .lease(owner, &grant, endpoint)
                .await
                .map_err(unreadable)?
            {
                return self.refresh(owner, server, grant, refresh).await;
            }
            if since.elapsed() > PATIENCE {
                let message = "another server refreshes the access and does not come to an end";
                return Err(TokenError::passing(code::TOKEN_REFUSED, message.to_owned()));
            }
            sleep(PAUSE).await;
        }
    }

    /// Takes the turn to refresh the tokens. That what they are refreshed with goes to `endpoint` is on disk with it.
    async fn lease(
        &self,
        owner: &Owner,
        grant: &AppGrant,
        endpoint: &Url,
    ) -> Result<bool, StorageError> {
        let of = (owner.workspace, owner.app);
        let used = token_request(self.store.clock(), of, endpoint);
        let (grant, node) = (grant.clone(), self.store.node().to_owned());
        let permit = Permit::<ManageApps>::system(owner.workspace, PART);
        self.store
            .writer()
            .call(&permit, move |call| {
                Box::pin(async move {
                    let ours = app_grant::lease(call, &grant, &node, LEASE).await?;
                    if ours {
                        credential_use::put(call, used).await?;
                    }
                    Ok(ours)
                })
            })
            .await
    }

    /// Asks for new tokens, under the lease. They are on disk before anybody has them. It goes on when nobody waits for it any more, for
    /// what was asked with works once.
    async fn refresh(
        &self,
        owner: &Owner,
        server: AuthorizationServer,
        grant: AppGrant,
        refresh: Secret,
    ) -> Result<Held, TokenError> {
        let (apps, owner) = (self.clone(), owner.clone());
        let renewed = async move { apps.renew(&owner, server, grant, refresh).await };
        let ended = |_| {
            let message = "the access could not be refreshed because of an error in the server";
            TokenError::passing(code::TOKEN_REFUSED, message.to_owned())
        };
        tokio::spawn(renewed).await.map_err(ended)?
    }

    async fn renew(
        &self,
        owner: &Owner,
        server: AuthorizationServer,
        grant: AppGrant,
        refresh: Secret,
    ) -> Result<Held, TokenError> {
        let request = TokenRequest::refresh(server.token_url, server.client, refresh.clone());
        let granted = match exchange(&self.egress, &request).await {
            Ok(granted) => granted,
            Err(error) => {
                self.release(owner, grant).await;
                if error.is_refusal() {
                    self.needs_grant(owner, &error.to_string()).await;
                }
                return Err(error);
            }
        };
        let generation = grant.generation + 1;
        let next = self.next_grant(owner, grant, &granted, &refresh)?;
        if !self.keep(next, Instead::OfLast).await.map_err(unreadable)? {
            return Err(ended(
                owner,
                "it was granted anew, or taken away, meanwhile",
            ));
        }
        let renew_at = self.expiry(&granted).map(|end| self.renewal(end));
        Ok(Held {
            access: granted.access,
            revision: owner.revision,
            renew_at,
            generation,
        })
    }

    fn next_grant(
        &self,
        owner: &Owner,
        grant: AppGrant,
        granted: &Granted,
        refresh: &Secret,
    ) -> Result<AppGrant, TokenError> {
        let sealed = self.seal_grant(owner.workspace, owner.app, granted, Some(refresh));
        let unsealed = |error: crate::SealError| {
            TokenError::passing(code::CREDENTIAL_UNUSABLE, error.to_string())
        };
        Ok(AppGrant {
            sealed: sealed.map_err(unsealed)?,
            expires_at: self.expiry(granted),
            generation: grant.generation + 1,
            lease_owner: None,
            lease_until: None,
            ..grant
        })
    }

    async fn release(&self, owner: &Owner, grant: AppGrant) {
        let node = self.store.node().to_owned();
        let permit = Permit::<ManageApps>::system(owner.workspace, PART);
        let writer = self.store.writer();
        let released = writer.call(&permit, move |call| {
            Box::pin(async move { app_grant::release(call, &grant, &node).await })
        });
        if let Err(error) = released.await {
            tracing::warn!(%error, app = %owner.app, "the lease of a grant could not be given back; it ends by itself");
        }
    }

    pub(super) fn open_grant(&self, grant: &AppGrant) -> Result<Sealed, TokenError> {
        let subject = Subject::part(grant.workspace_id, grant.app_id, PART);
        let opened = self.sealer().open(&subject, &grant.sealed);
        let unusable = |why: String| TokenError::unusable(code::CREDENTIAL_UNUSABLE, why);
        let plain = opened.map_err(|error| unusable(error.to_string()))?;
        serde_json::from_slice(&plain)
            .map_err(|_| unusable("the tokens of the connected app are damaged".to_owned()))
    }

    /// When a token is renewed that ends at that instant.
    fn renewal(&self, end: Timestamp) -> Timestamp {
        let left = end.since(self.store.clock().now());
        end.before(ahead(left))
    }
}

fn missing(owner: &Owner) -> TokenError {
    ended(owner, "nobody has granted it access yet")
}

fn ended(owner: &Owner, why: &str) -> TokenError {
    let message = format!(
        "the connected app `{}` has no access: {why}. Grant it with `startOAuth`",
        owner.name
    );
    TokenError::unusable(code::NOT_GRANTED, message)
}

fn unreadable(error: StorageError) -> TokenError {
    tracing::error!(%error, "the tokens of a connected app can be neither read nor stored");
    let message =
        "the tokens of the connected app can be neither read from the database nor stored there";
    TokenError::passing(code::APP_UNREADABLE, message.to_owned())
}
