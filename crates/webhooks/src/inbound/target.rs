//! What a request to a hook is judged by, kept from one request to the next.

use std::{collections::HashMap, sync::Arc};

use jackfield_connected_apps::{HookSecrets, Secret};
use jackfield_storage::{
    Timestamp,
    connected_app::ConnectedApp,
    inbound_hook::{self, Found, HookConfig, InboundHook, Scheme},
    trigger::Trigger,
};
use parking_lot::Mutex;

use super::{AcceptError, Inbound, listen::Listener, request::Rejected};

/// How many hooks are kept.
const KEPT: usize = 10_000;

/// A hook with everything that a request is judged by, and what it starts.
pub(super) struct Target {
    pub hook: InboundHook,
    /// None while the workflow is not published, and of the hook of an app.
    pub triggers: Vec<Trigger>,
    /// The triggers of plugins that listen to the hook of an app.
    pub listeners: Vec<Listener>,
    pub config: HookConfig,
    /// The app that the hook belongs to.
    pub app: Option<ConnectedApp>,
    secrets: Option<HookSecrets>,
}

impl Target {
    /// Whether anything is taken.
    pub fn is_open(&self) -> bool {
        let has_taker = match &self.app {
            Some(app) => app.active,
            None => !self.triggers.is_empty(),
        };
        self.hook.active && has_taker
    }

    /// Why nothing is taken.
    pub fn gone(&self) -> Rejected {
        Rejected::gone(match &self.app {
            None => "publish its workflow to receive again",
            Some(app) if !app.active => "switch on its connected app to receive again",
            Some(_) => "switch it on to receive again",
        })
    }

    /// Whose events come here, for the hook of an app.
    pub fn provider(&self) -> Option<&str> {
        self.app.as_ref().map(|app| app.provider.as_str())
    }

    /// The secrets that are good now.
    pub fn secrets(&self, now: Timestamp) -> &[Secret] {
        let secrets = self.secrets.as_ref();
        secrets.map(|secrets| secrets.live(now)).unwrap_or_default()
    }

    /// The same, for who can do without.
    pub fn secrets_or_none(&self, now: Timestamp) -> Vec<Option<&Secret>> {
        match self.secrets(now) {
            [] => vec![None],
            some => some.iter().map(Some).collect(),
        }
    }

    /// Whether a token leads here: the present one, or the one before as long as that is good.
    fn has(&self, token: &str, now: Timestamp) -> bool {
        let until = self.hook.previous_token_until;
        self.hook.token == token || until.is_some_and(|until| now < until)
    }
}

/// Targets by the tokens in their URLs. A token that leads nowhere is not kept: anybody can make up any number of them.
#[derive(Default)]
pub(super) struct Targets(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// How often hooks had changed when these were read.
    hooks: u64,
    by_token: HashMap<String, Arc<Target>>,
}

impl Inbound {
    /// The hook with this token.
    pub(super) async fn target(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Target>>, AcceptError> {
        // Asked first: what changes while the hook is read makes what was read out of date.
        let hooks = self.store.hook_changes();
        if let Some(target) = self.targets.get(hooks, token) {
            return Ok(Some(target).filter(|target| target.has(token, now)));
        }
        Box::pin(self.find(hooks, token, now)).await
    }

    /// Reads the hook, and keeps it for the next request.
    async fn find(
        &self,
        hooks: u64,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Target>>, AcceptError> {
        let found = inbound_hook::find_target(self.store.reader(), token).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let target = Arc::new(self.open(found)?);
        if !target.has(token, now) {
            return Ok(None);
        }
        self.targets.keep(hooks, token, target.clone());
        Ok(Some(target))
    }

    fn open(&self, found: Found) -> Result<Target, AcceptError> {
        let Found {
            hook,
            triggers,
            app,
        } = found;
        let config: HookConfig = hook.config.parse()?;
        let sealed = hook.sealed_secret.as_deref();
        let own = sealed
            .map(|sealed| HookSecrets::open(self.sealer(), hook.workspace_id, hook.id, sealed));
        // A plugin asks for what it wants of the credentials.
        let lent = || match (&app, config.scheme) {
            (None, _) | (_, Scheme::Plugin | Scheme::None) => None,
            (Some(app), _) => self.apps.webhook_secret(app.clone()),
        };
        let (triggers, listeners) = Listener::take(triggers);
        Ok(Target {
            listeners,
            secrets: own.transpose()?.or_else(lent),
            hook,
            triggers,
            config,
            app,
        })
    }
}

impl Targets {
    fn get(&self, hooks: u64, token: &str) -> Option<Arc<Target>> {
        let known = self.0.lock();
        let found = known.by_token.get(token);
        found.filter(|_| known.hooks == hooks).cloned()
    }

    fn keep(&self, hooks: u64, token: &str, target: Arc<Target>) {
        let mut known = self.0.lock();
        if known.hooks > hooks {
            return;
        }
        if known.hooks < hooks || known.by_token.len() >= KEPT {
            known.by_token.clear();
            known.hooks = hooks;
        }
        known.by_token.insert(token.to_owned(), target);
    }
}
