//! What a request to a hook is judged by, kept from one request to the next.

use std::{collections::HashMap, sync::Arc};

use jackfield_connected_apps::HookSecrets;
use jackfield_storage::{
    inbound_hook::{self, HookConfig, InboundHook},
    trigger::Trigger,
};
use parking_lot::Mutex;

use super::{AcceptError, Inbound};

/// How many hooks are kept.
const KEPT: usize = 10_000;

/// A hook with everything that a request is judged by, and what it starts.
pub(super) struct Target {
    pub hook: InboundHook,
    /// None while the workflow is not published.
    pub triggers: Vec<Trigger>,
    pub config: HookConfig,
    pub secrets: Option<HookSecrets>,
}

/// Targets by the tokens in their URLs. A token that leads nowhere is not kept: anybody can make up any number of them.
#[derive(Default)]
pub(super) struct Targets(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// How often workflows had changed when these were read.
    workflows: u64,
    by_token: HashMap<String, Arc<Target>>,
}

impl Inbound {
    /// The hook with this token.
    pub(super) async fn target(&self, token: &str) -> Result<Option<Arc<Target>>, AcceptError> {
        // Asked first: what changes while the hook is read makes what was read out of date.
        let workflows = self.store.workflow_changes();
        if let Some(target) = self.targets.get(workflows, token) {
            return Ok(Some(target));
        }
        let found = inbound_hook::find_with_triggers(self.store.reader(), token).await?;
        let Some((hook, triggers)) = found else {
            return Ok(None);
        };
        let target = Arc::new(self.open(hook, triggers)?);
        self.targets.keep(workflows, token, target.clone());
        Ok(Some(target))
    }

    fn open(&self, hook: InboundHook, triggers: Vec<Trigger>) -> Result<Target, AcceptError> {
        let config = hook.config.parse()?;
        let sealed = hook.sealed_secret.as_deref();
        let secrets = sealed
            .map(|sealed| HookSecrets::open(&self.sealer, hook.workspace_id, hook.id, sealed));
        Ok(Target {
            secrets: secrets.transpose()?,
            hook,
            triggers,
            config,
        })
    }
}

impl Targets {
    fn get(&self, workflows: u64, token: &str) -> Option<Arc<Target>> {
        let known = self.0.lock();
        let found = known.by_token.get(token);
        found.filter(|_| known.workflows == workflows).cloned()
    }

    fn keep(&self, workflows: u64, token: &str, target: Arc<Target>) {
        let mut known = self.0.lock();
        if known.workflows > workflows {
            return;
        }
        if known.workflows < workflows || known.by_token.len() >= KEPT {
            known.by_token.clear();
            known.workflows = workflows;
        }
        known.by_token.insert(token.to_owned(), target);
    }
}
