//! What a step may draw on: the plugin host asks here for credentials, blobs, time and randomness.

mod blob;
mod log;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jackfield_plugin_host::{
    BlobPart, CallJournal, OutgoingRequest, Recorder, SecretBytes, Services,
    messages::{BlobRef, CallError, CredentialSlot, Level},
};
use jackfield_storage::{
    Store, Timestamp,
    access::{Permit, Read},
    ids::{ConnectedAppId, RunId, WorkspaceId},
};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    Account, ConnectedApps, Secret,
    app::{OpenApp, WEBHOOK_SECRET},
    code,
    credential_use::{Book, Tally},
    credentials,
    echo::Echoes,
    grant::Owner,
    hosts,
    injection::{Need, inject, inject_token},
    rate_limit::{Later, Limited},
};

const PART: &str = "step";

/// Which app a step uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppChoice<'a> {
    /// None: the node has no use for one, or can do without.
    None,
    /// The one that the node names.
    Named(ConnectedAppId),
    /// The default of the provider without whose app the node cannot work, and of which it names none.
    DefaultOf(&'a str),
}

/// The services of one step of a run, with the app that it uses.
pub struct StepServices {
    apps: ConnectedApps,
    workspace: WorkspaceId,
    /// None where a provider is asked something outside of any run.
    run: Option<RunId>,
    app: Option<OpenApp>,
    /// The key of the app's hook: for what the app has no field of, and in place of its webhook secret.
    signed_with: Option<Secret>,
    /// When the request that is read was found to be genuine, where that was before.
    vouched: Option<Timestamp>,
    /// The limit of the app, if it has one.
    limited: Option<Limited>,
    /// The access token that was sent last, to tell which one a 401 refused.
    sent: Mutex<Option<Secret>>,
    /// What the credentials were used for; there is one when there is an app.
    book: Option<Book>,
    /// What must not come back.
    echoes: Echoes,
    journal: Option<Box<dyn CallJournal>>,
    recorder: Option<Arc<dyn Recorder>>,
}

impl ConnectedApps {
    /// The services for a step of `run`, or for a trigger. Fails when the app that it is to use is absent, switched off or unreadable.
    pub async fn services(
        &self,
        workspace: WorkspaceId,
        run: impl Into<Option<RunId>>,
        choice: AppChoice<'_>,
        account: Account,
    ) -> Result<StepServices, CallError> {
        let permit = Permit::<Read>::system(workspace, PART);
        let app = match choice {
            AppChoice::None => None,
            AppChoice::Named(id) => Some(self.open(&permit, id).await?),
            AppChoice::DefaultOf(provider) => Some(self.open_default(&permit, provider).await?),
        };
        Ok(self.lend(workspace, run.into(), app, account))
    }

    /// The services for a call that concerns an app and belongs to no run.
    pub(crate) fn lend(
        &self,
        workspace: WorkspaceId,
        run: Option<RunId>,
        app: Option<OpenApp>,
        account: Account,
    ) -> StepServices {
        let of = app.as_ref().map(|app| (workspace, app.id));
        let limited = app.as_ref();
        StepServices {
            limited: limited.and_then(|app| Limited::new(&self.turns, workspace, app)),
            book: of.map(|of| Book::open(account, &self.store, of)),
            apps: self.clone(),
            workspace,
            run,
            app,
            signed_with: None,
            vouched: None,
            sent: Mutex::default(),
            echoes: Echoes::default(),
            journal: None,
            recorder: None,
        }
    }
}

impl StepServices {
    /// The same services for a request whose signature may be made with this secret.
    pub(crate) fn signed_with(mut self, secret: Option<&Secret>) -> Self {
        self.signed_with = secret.cloned();
        self
    }

    /// The same services for a request that was found to be genuine at that instant, and is read once more.
    pub(crate) fn vouched(mut self, at: Option<Timestamp>) -> Self {
        self.vouched = at;
        self
    }

    /// The same services for a call that is written down.
    #[must_use]
    pub fn with_journal(mut self, journal: Box<dyn CallJournal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// The same services for a call whose requests are kept.
    #[must_use]
    pub fn with_recorder(mut self, recorder: Arc<dyn Recorder>) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// The same services for a call that is given up at that instant.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Timestamp) -> Self {
        if let Some(limited) = &mut self.limited {
            limited.until(deadline);
        }
        self
    }

    /// Whether requests have to wait for their turn.
    pub fn is_limited(&self) -> bool {
        self.limited.is_some()
    }

    /// Takes the turn of the first request, where the app has a rate limit. `wake_at` is what an earlier [`Later`] said for
    /// which the step has waited since.
    pub async fn first_turn(&self, wake_at: Option<Timestamp>) -> Result<Option<Later>, CallError> {
        match &self.limited {
            Some(limited) => limited.first(wake_at).await,
            None => Ok(None),
        }
    }

    /// The provider of the step's app, for the slot [`CredentialSlot::DEFAULT`] of the call.
    pub fn provider(&self) -> Option<&str> {
        self.app
            .as_ref()
            .map(|app| app.provider.manifest.name.as_str())
    }

    /// What the plugin may know of the app's settings.
    pub fn settings(&self) -> Map<String, Value> {
        self.app
            .as_ref()
            .map(|app| app.settings.for_plugin())
            .unwrap_or_default()
    }

    /// The app that the step uses.
    pub(crate) fn open_app(&self) -> Option<&OpenApp> {
        self.app.as_ref()
    }

    pub(crate) fn permit(&self) -> Permit<Read> {
        Permit::system(self.workspace, PART)
    }

    fn app(&self, slot: &str) -> Result<&OpenApp, CallError> {
        let app = self
            .app
            .as_ref()
            .filter(|_| slot == CredentialSlot::DEFAULT);
        app.ok_or_else(|| {
            let message =
                format!("the node has no connected app for `{slot}`: choose one in the node");
            CallError::new(code::APP_NOT_FOUND, message)
        })
    }

    /// The token that an injection needs. What proves who asks goes to the token endpoint, so a manifest may not name a place of
    /// its own.
    async fn token(&self, app: &OpenApp, need: Need) -> Result<Option<Secret>, CallError> {
        let place = |url: Url| {
            app.provider.plugin.may_reach(&url)?;
            Ok::<_, CallError>(app.settings.rewrite(url))
        };
        let tokens = &self.apps.tokens;
        let tally = self.tally();
        let token = match need {
            Need::Nothing => return Ok(None),
            Need::Token(mut wanted) => {
                wanted.url = place(wanted.url)?;
                let request = || {
                    tally.request(&wanted.url);
                    Ok(wanted)
                };
                tokens.get(app.id, app.revision, request).await?
            }
            Need::Assertion(mut account) => {
                account.url = place(account.url)?;
                let now = self.store().clock().now();
                let request = || {
                    tally.request(&account.url);
                    account.request(now)
                };
                tokens.get(app.id, app.revision, request).await?
            }
            Need::Grant(mut server) => {
                server.token_url = place(server.token_url)?;
                let owner = Owner {
                    workspace: self.workspace,
                    app: app.id,
                    revision: app.revision,
                    name: app.name.clone(),
                };
                self.apps.granted(&owner, *server).await?
            }
        };
        Ok(Some(token))
    }

    fn tally(&self) -> Tally {
        let book = self.book.as_ref();
        book.map(|book| book.tally().clone()).unwrap_or_default()
    }

    /// Has what the credentials were used for on disk before it happens.
    async fn write_down(&self) -> Result<(), CallError> {
        match &self.book {
            Some(book) => book.write().await,
            None => Ok(()),
        }
    }

    fn field(&self, slot: &str, field: &str) -> Result<SecretBytes, CallError> {
        let of_app = self.app(slot)?.credentials.field(field);
        let of_hook = self.signed_with.as_ref();
        // A hook that has a secret of its own got it after the app got its credentials.
        let secret = match field == WEBHOOK_SECRET {
            true => of_hook.or(of_app),
            false => of_app.or(of_hook),
        };
        let secret = secret.ok_or_else(|| {
            let message = format!("the connected app has no `{field}` among its credentials");
            CallError::new(code::CREDENTIAL_UNUSABLE, message)
        })?;
        self.echoes.add(secret.expose());
        Ok(SecretBytes::new(secret.expose().as_bytes()))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.apps.store
    }
}

#[async_trait]
impl Services for StepServices {
    fn grants(&self, slot: &str, url: &Url) -> bool {
        let hosts = self.app(slot).ok().and_then(|app| app.settings.hosts());
        hosts.is_none_or(|patterns| hosts::covered(patterns, url))
    }

    async fn turn(&self, _slot: &str) -> Result<(), CallError> {
        match &self.limited {
            Some(limited) => limited.wait().await,
            None => Ok(()),
        }
    }

    async fn answered(&self, _slot: &str, status: StatusCode, headers: &HeaderMap) {
        if let Some(limited) = &self.limited {
            limited.answered(status, headers).await;
        }
    }

    async fn authorize(&self, slot: &str, request: &mut OutgoingRequest) -> Result<(), CallError> {
        let app = self.app(slot)?;
        let scheme = credentials::scheme(&app.provider.manifest, &app.credentials).ok_or_else(|| {
            let message = format!("the connected app `{}` has credentials of a scheme that is gone: enter them again", app.name);
            CallError::new(code::CREDENTIAL_UNUSABLE, message)
        })?;
        let target = app.settings.rewrite(request.url.clone());
        self.tally().request(&target);
        self.write_down().await?;
        for injection in &scheme.injection {
            let need = inject(injection, &app.credentials, request)?;
            if let Some(token) = self.token(app, need).await? {
                inject_token(token.expose(), request)?;
                self.echoes.add(token.expose());
                *self.sent.lock() = Some(token);
            }
        }
        self.echoes.sent(scheme, &app.credentials, request);
        // A token may have been asked for on the way.
        self.write_down().await
    }

    async fn renew(&self, slot: &str) -> bool {
        let Ok(app) = self.app(slot) else {
            return false;
        };
        let Some(refused) = self.sent.lock().take() else {
            return false;
        };
        self.apps.tokens.refused(&app.id, &refused).await;
        self.apps.refuse_grant(app.id, &refused).await;
        true
    }

    fn reroute(&self, url: &mut Url) {
        if let Some(app) = &self.app {
            *url = app.settings.rewrite(url.clone());
        }
    }

    fn vouches(&self) -> bool {
        self.vouched.is_some()
    }

    async fn signing_key(&self, slot: &str, field: &str) -> Result<SecretBytes, CallError> {
        self.tally().read();
        self.field(slot, field)
    }

    async fn reveal(&self, slot: &str, field: &str) -> Result<SecretBytes, CallError> {
        self.tally().read();
        self.write_down().await?;
        self.field(slot, field)
    }

    fn mask(&self, bytes: Bytes) -> Bytes {
        self.echoes.masked(bytes)
    }

    async fn store_blob(&self, bytes: Bytes, content_type: &str) -> Result<BlobRef, CallError> {
        self.put_blob(bytes, content_type).await
    }

    async fn read_blob(&self, id: &str, offset: u64, len: u64) -> Result<BlobPart, CallError> {
        self.part_of_blob(id, offset, len).await
    }

    fn log(&self, level: Level, message: &str, fields: Option<&str>) {
        let message = self.echoes.masked_text(message);
        let fields = self.echoes.masked_text(fields.unwrap_or_default());
        log::write(level, self.run, &message, &fields);
    }

    /// A signed time is held against the time at which it was believed.
    fn now(&self) -> i64 {
        let now = || self.store().clock().now();
        self.vouched.unwrap_or_else(now).as_micros()
    }

    fn random(&self, bytes: &mut [u8]) {
        self.store().clock().random(bytes);
    }

    fn journal(&self) -> Option<&dyn CallJournal> {
        self.journal.as_deref()
    }

    fn recorder(&self) -> Option<&dyn Recorder> {
        self.recorder.as_deref()
    }
}
