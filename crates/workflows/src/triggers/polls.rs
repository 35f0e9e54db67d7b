//! Asks plugins for news, and starts a run for each.
//!
//! Every node watches the clock, and whoever claims a trigger first asks. What was found is stored with its runs and with the cursor at which
//! the next poll goes on, in one transaction under the fence of the claim: so each event starts a run once, however many nodes try and
//! whenever one of them dies.

use std::time::Duration;

use jackfield_connected_apps::{Account, AppChoice};
use jackfield_plugin_host::Operation;
use jackfield_plugin_host::messages::{CallError, CredentialSlot, PollInput, Polled, TriggerEvent};
use jackfield_storage::access::{EditWorkflows, Permit, PublishEvents, Read};
use jackfield_storage::poll::{self, Found, Poll};
use jackfield_storage::trigger::{self, PluginTrigger, Trigger};
use jackfield_storage::{
    Append, Change, Changes, Channels, Json, NewEvent, NewRun, StorageError, Store, Timestamp,
    event,
};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::input::input_of;
use crate::workflow::Workflows;

/// How many triggers one node asks at once.
const AT_ONCE: usize = 8;
/// How many events one poll returns at most.
const MOST: u32 = 100;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the rows are looked at without a reason.
const LOOK: Duration = Duration::from_secs(30);
/// How long to wait after the database has failed.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest pause after failures.
const LONGEST: Duration = Duration::from_secs(3600);

/// Why a trigger could not be asked when its plugin was not even called.
const UNREADABLE: &str = "POLL_UNREADABLE";

/// Asks plugins for news until it is stopped.
pub struct Polls {
    asking: Asking,
    changes: Changes,
    running: JoinSet<()>,
}

/// Running polls. Dropping it stops them.
pub struct PollsHandle(JoinHandle<()>);

impl Drop for PollsHandle {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What one poll works with.
#[derive(Clone)]
struct Asking {
    workflows: Workflows,
    store: Store,
    /// How long a claimed trigger is nobody else's. It is renewed long before.
    lease: Duration,
}

impl Polls {
    /// Begins to ask. Must be called within a tokio runtime.
    pub fn start(workflows: &Workflows, lease: Duration) -> PollsHandle {
        let store = workflows.0.store.clone();
        let polls = Polls {
            changes: store.changes(),
            asking: Asking {
                workflows: workflows.clone(),
                store,
                lease,
            },
            running: JoinSet::new(),
        };
        PollsHandle(tokio::spawn(polls.run()))
    }

    async fn run(mut self) {
        loop {
            let wait = match self.claim().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "triggers cannot be asked for news; they are again soon");
                    AGAIN
                }
            };
            let until = Instant::now() + wait + Duration::from_millis(1);
            loop {
                tokio::select! {
                    () = sleep_until(until) => break,
                    Some(_) = self.running.join_next() => break,
                    changed = self.changes.recv() => match changed {
                        Ok(batch) if batch.iter().any(concerns) => break,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_)) => break,
                        Err(RecvError::Closed) => return,
                    }
                }
            }
        }
    }

    /// Begins with what is due, as far as there is room. Returns how long there is nothing more to do.
    async fn claim(&mut self) -> Result<Duration, StorageError> {
        let store = &self.asking.store;
        let room = AT_ONCE.saturating_sub(self.running.len());
        if room == 0 {
            return Ok(LOOK);
        }
        let now = store.clock().now();
        match poll::next_due(store.reader()).await? {
            None => return Ok(LOOK),
            Some(next) if next > now => return Ok(next.since(now).min(LOOK)),
            Some(_) => {}
        }
        let lease = self.asking.lease;
        for claimed in store.writer().claim_polls(room as u64, lease).await? {
            self.running.spawn(self.asking.clone().poll(claimed));
        }
        Ok(Duration::ZERO)
    }
}

fn concerns(change: &Change) -> bool {
    match change {
        Change::Workflow(_) => true,
        Change::Elsewhere(what) => what.may_have_workflows(),
        _ => false,
    }
}

impl Asking {
    /// Asks a claimed trigger, as long as the claim holds.
    async fn poll(self, claimed: Poll) {
        let held = self.hold(&claimed);
        let asked = async {
            if let Err(error) = self.ask_and_store(&claimed).await {
                tracing::error!(%error, workflow = %claimed.workflow_id, node = claimed.node_key, "a poll could not be stored; it is repeated");
            }
        };
        tokio::select! {
            () = asked => {}
            () = held => {
                tracing::info!(workflow = %claimed.workflow_id, node = claimed.node_key, "a trigger is asked by somebody else, or no more");
            }
        }
    }

    /// Keeps the claim. Returns when it is lost.
    async fn hold(&self, claimed: &Poll) {
        loop {
            sleep(self.lease / 3).await;
            match self.store.writer().renew_poll(claimed, self.lease).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "the claim of a trigger could not be renewed"),
            }
        }
    }

    async fn ask_and_store(&self, claimed: &Poll) -> Result<(), StorageError> {
        let permit = Permit::<Read>::system(claimed.workspace_id, PART);
        let db = self.store.reader();
        let found = trigger::find(db, &permit, claimed.workflow_id, &claimed.node_key).await?;
        // The row of the trigger goes with that of the poll.
        let Some(trigger) = found else { return Ok(()) };
        let asked = match trigger.plugin() {
            Some(plugin) => match timeout(PATIENCE, self.ask(claimed, &plugin)).await {
                Ok(asked) => asked.map(|polled| (plugin, polled)),
                Err(_) => {
                    let message = format!("the plugin took longer than {} s", PATIENCE.as_secs());
                    Err(CallError::new(UNREADABLE, message))
                }
            },
            None => {
                let message = "the trigger is damaged: publish its workflow again";
                Err(CallError::new(UNREADABLE, message))
            }
        };
        match asked {
            Ok((plugin, polled)) => self.store(claimed, &trigger, &plugin, polled).await,
            Err(error) => self.fail(claimed, &error).await,
        }
    }

    async fn ask(&self, claimed: &Poll, plugin: &PluginTrigger) -> Result<Polled, CallError> {
        let inner = &self.workflows.0;
        let choice = match (plugin.app, &plugin.provider) {
            (Some(app), _) => AppChoice::Named(app),
            (None, Some(provider)) if plugin.needs_app => AppChoice::DefaultOf(provider),
            _ => AppChoice::None,
        };
        let account = Account::Poll(claimed.workflow_id, claimed.node_key.clone());
        let services = inner
            .apps
            .services(claimed.workspace_id, None, choice, account)
            .await?
            .with_deadline(self.store.clock().now().after(PATIENCE));
        let settings = to_raw_value(&services.settings()).map_err(|error| unreadable(&error))?;
        let credentials = services.provider().map(|provider| CredentialSlot {
            slot: CredentialSlot::DEFAULT.into(),
            provider: provider.to_owned().into(),
            settings: Some(&settings),
        });
        let config = to_raw_value(&plugin.config).map_err(|error| unreadable(&error))?;
        let operation = Operation {
            credentials: credentials.into_iter().collect(),
            timeout: Some(PATIENCE),
            ..Operation::of_node(&plugin.node_type, &config)
        };
        let cursor = claimed.cursor.as_ref().map(raw).transpose();
        let input = PollInput {
            cursor: cursor.map_err(|error| unreadable(&error))?,
            limit: MOST,
        };
        inner.host.poll(&operation, &input, &services).await
    }

    async fn store(
        &self,
        claimed: &Poll,
        trigger: &Trigger,
        plugin: &PluginTrigger,
        polled: Polled,
    ) -> Result<(), StorageError> {
        let now = self.store.clock().now();
        let events = polled.events.into_iter();
        let appends =
            events.filter_map(|event| self.append(claimed, (trigger, plugin), event, now));
        let pause = match polled.more {
            true => Duration::ZERO,
            false => interval(claimed),
        };
        let found = Found {
            appends: appends.collect(),
            poll: claimed.clone(),
            cursor: polled.cursor.map(Json::from),
            due_at: now.after(pause),
        };
        let permit = Permit::<PublishEvents>::system(claimed.workspace_id, PART);
        let stored = self.store.writer().append_found(&permit, found).await?;
        if stored.is_none() {
            tracing::info!(workflow = %claimed.workflow_id, node = claimed.node_key, "what a poll has found belongs to nobody any more");
        }
        Ok(())
    }

    /// An event with the run that it starts. The same thing is another event for each trigger that has asked for it.
    fn append(
        &self,
        claimed: &Poll,
        (trigger, plugin): (&Trigger, &PluginTrigger),
        told: TriggerEvent,
        now: Timestamp,
    ) -> Option<Append> {
        let clock = self.store.clock();
        let source = plugin.provider.as_ref().unwrap_or(&plugin.node_type);
        // The host has checked that it is a time.
        let occurred_at = told.occurred_at.and_then(|time| time.parse().ok());
        let key = event::short_id(told.dedupe_key);
        let event = NewEvent {
            id: clock.id(),
            event_type: event::named(source, told.event_type),
            source: source.clone(),
            data: Json::from(told.data),
            hook_id: None,
            dedupe_key: Some(format!(
                "poll:{}:{}:{key}",
                claimed.workflow_id, claimed.node_key
            )),
            occurred_at: occurred_at.unwrap_or(now),
            content_type: None,
            dedupe_hash: None,
            channels: Channels::default(),
            app_id: None,
            request: None,
        };
        // What is made of JSON is JSON.
        let input = input_of(&event, now).ok()?;
        Some(Append {
            runs: vec![NewRun::of(trigger, clock.id(), input)],
            event,
        })
    }

    /// Shows why nobody could be asked, and says when to try again: later each time.
    async fn fail(&self, claimed: &Poll, error: &CallError) -> Result<(), StorageError> {
        tracing::warn!(
            workflow = %claimed.workflow_id, node = claimed.node_key, code = error.code, error = error.message,
            "a trigger could not be asked for news"
        );
        let now = self.store.clock().now();
        let wanted = error.retry_after_ms.map(Duration::from_millis);
        let due_at = now.after(pause(claimed, wanted));
        let permit = Permit::<EditWorkflows>::system(claimed.workspace_id, PART);
        let (claimed, message) = (claimed.clone(), error.message.clone());
        let noted = self.store.writer().call(&permit, move |call| {
            Box::pin(async move {
                if poll::fail(call, &claimed, due_at).await? {
                    let failure = Some((message.as_str(), now));
                    trigger::note_poll(call.db(), &claimed, due_at, failure).await?;
                }
                Ok(())
            })
        });
        noted.await
    }
}

const PART: &str = "polls";

fn interval(poll: &Poll) -> Duration {
    Duration::from_micros(poll.interval.unsigned_abs())
}

/// How long it is after one failure more: the interval, doubled with each, up to an hour; never sooner than the provider wants.
fn pause(poll: &Poll, wanted: Option<Duration>) -> Duration {
    let doubled = poll.failures.clamp(0, 10).unsigned_abs();
    let longest = LONGEST.max(interval(poll));
    let pause = interval(poll).saturating_mul(1 << doubled).min(longest);
    pause.max(wanted.unwrap_or_default().min(longest))
}

fn raw(json: &Json) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::from_str(json.as_str())
}

fn unreadable(error: &serde_json::Error) -> CallError {
    CallError::new(
        UNREADABLE,
        format!("the call could not be written as JSON: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use jackfield_storage::{Clock, Timestamp};

    use super::*;

    #[test]
    fn pauses_grow_with_failures_and_have_an_end() {
        let clock = Clock::manual(Timestamp::from_micros(0));
        let after = |failures, wanted| {
            let poll = Poll {
                workflow_id: clock.id(),
                node_key: "new".to_owned(),
                workspace_id: clock.id(),
                node_type: "shop-new-order".to_owned(),
                app_id: None,
                cursor: None,
                interval: 60_000_000,
                failures,
                due_at: clock.now(),
                fence: 1,
            };
            pause(&poll, wanted).as_secs()
        };
        assert_eq!(
            [0, 1, 2, 5, 6, i32::MAX].map(|failures| after(failures, None)),
            [60, 120, 240, 1920, 3600, 3600]
        );
        assert_eq!(after(0, Some(Duration::from_secs(300))), 300);
        assert_eq!(after(0, Some(Duration::from_secs(30))), 60);
    }
}
