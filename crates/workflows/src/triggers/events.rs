//! Which `event` triggers an event matches, from memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jackfield_storage::ids::{ConnectedAppId, EventId, WorkspaceId};
use jackfield_storage::trigger::{self, Trigger, TriggerKind};
use jackfield_storage::{Json, Matcher, NewEvent, NewRun, StorageError, Store, Timestamp};
use parking_lot::Mutex;

use super::input::input_of;
use super::{concurrency_group, note_error};
use crate::expression::{Template, Value};
use crate::nodes::event::Config;

/// How often the failures of one filter are written down at most.
const NOTED_EVERY: Duration = Duration::from_secs(10);

/// The `event` triggers of all published versions, read again when workflows have changed.
pub(crate) struct EventTriggers {
    store: Store,
    known: Mutex<Arc<Known>>,
}

/// All triggers, as of some number of changes of workflows.
#[derive(Default)]
struct Known {
    workflows: Option<u64>,
    workspaces: HashMap<WorkspaceId, Listeners>,
}

/// The triggers of a workspace.
#[derive(Default)]
struct Listeners {
    exact: HashMap<String, Vec<Arc<Listener>>>,
    /// What a type begins with.
    prefixes: Vec<(String, Arc<Listener>)>,
}

/// One trigger.
struct Listener {
    trigger: Arc<Trigger>,
    filter: Option<Template>,
    source: Option<String>,
    app: Option<ConnectedAppId>,
    /// When a failure was last written down.
    noted: Mutex<Option<Timestamp>>,
}

impl Matcher for EventTriggers {
    fn runs<'a>(
        &'a self,
        workspace: WorkspaceId,
        event: &'a NewEvent,
        workflows: u64,
    ) -> BoxFuture<'a, Result<Vec<NewRun>, StorageError>> {
        let known = self.known.lock().clone();
        if known.workflows == Some(workflows) {
            let runs = self.matching(&known, workspace, event);
            return std::future::ready(Ok(runs)).boxed();
        }
        async move {
            let known = self.read(workflows).await?;
            Ok(self.matching(&known, workspace, event))
        }
        .boxed()
    }

    fn group(&self, key: &str, input: &Json) -> String {
        concurrency_group(key, input)
    }
}

impl EventTriggers {
    /// The triggers in a store; they are read when they are first asked for.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            known: Mutex::default(),
        }
    }

    async fn read(&self, workflows: u64) -> Result<Arc<Known>, StorageError> {
        let mut known = Known {
            workflows: Some(workflows),
            workspaces: HashMap::new(),
        };
        for trigger in trigger::of_kind(self.store.reader(), TriggerKind::Event).await? {
            let listeners = known.workspaces.entry(trigger.workspace_id).or_default();
            if let Err(error) = listeners.add(trigger) {
                tracing::error!(%error, "an event trigger is damaged: publish its workflow again");
            }
        }
        let known = Arc::new(known);
        let mut current = self.known.lock();
        // Somebody else may have read what is newer.
        if current.workflows <= known.workflows {
            *current = known.clone();
        }
        Ok(known)
    }

    fn matching(&self, known: &Known, workspace: WorkspaceId, event: &NewEvent) -> Vec<NewRun> {
        let Some(listeners) = known.workspaces.get(&workspace) else {
            return Vec::new();
        };
        let mut found = listeners
            .of(&event.event_type)
            .filter(|listener| listener.concerns(event))
            .peekable();
        if found.peek().is_none() {
            return Vec::new();
        }
        let now = self.store.clock().now();
        // What is made of JSON is JSON.
        let Ok(input) = input_of(event, now) else {
            return Vec::new();
        };
        let mut scope = None;
        found
            .filter(|listener| match listener.passes(&input, &mut scope) {
                Ok(passes) => passes,
                Err(message) => {
                    self.note(listener, event.id, &message, now);
                    false
                }
            })
            .map(|listener| NewRun::of(&listener.trigger, self.store.clock().id(), input.clone()))
            .collect()
    }

    /// A filter that fails starts nothing, and says so in the log and on the workflow.
    fn note(&self, listener: &Listener, event: EventId, message: &str, now: Timestamp) {
        let mut noted = listener.noted.lock();
        if noted.is_some_and(|last| now.since(last) < NOTED_EVERY) {
            return;
        }
        *noted = Some(now);
        drop(noted);
        let trigger = listener.trigger.clone();
        tracing::warn!(workflow = %trigger.workflow_id, node = %trigger.node_key, %event, error = message, "the filter of a trigger failed");
        let message = format!("the filter failed for {event}: {message}");
        tokio::spawn(note_error(self.store.clone(), trigger, message));
    }
}

impl Listeners {
    fn add(&mut self, trigger: Trigger) -> Result<(), String> {
        let damaged = |error: &dyn std::fmt::Display| format!("{}: {error}", trigger.workflow_id);
        let config = Config::read(&trigger.config).map_err(|error| damaged(&error))?;
        let filter = config.filter.as_ref().map(Template::parse).transpose();
        let filter = filter.map_err(|errors| {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            damaged(&first)
        })?;
        let listener = Arc::new(Listener {
            trigger: Arc::new(trigger),
            filter,
            source: config.source,
            app: config.app,
            noted: Mutex::default(),
        });
        for name in config.types {
            match name.strip_suffix('*') {
                Some(prefix) => self.prefixes.push((prefix.to_owned(), listener.clone())),
                None => self.exact.entry(name).or_default().push(listener.clone()),
            }
        }
        Ok(())
    }

    /// The triggers that wait for this type, each once.
    fn of(&self, event_type: &str) -> impl Iterator<Item = &Arc<Listener>> {
        let exact = self.exact.get(event_type).into_iter().flatten();
        let prefixed = self
            .prefixes
            .iter()
            .filter(|(prefix, _)| event_type.starts_with(prefix.as_str()))
            .map(|(_, listener)| listener);
        let mut seen: Vec<*const Listener> = Vec::new();
        exact.chain(prefixed).filter(move |listener| {
            let this = Arc::as_ptr(listener);
            let new = !seen.contains(&this);
            seen.push(this);
            new
        })
    }
}

impl Listener {
    /// Whether the event is of the source and the app that the trigger names.
    fn concerns(&self, event: &NewEvent) -> bool {
        let is_source = self
            .source
            .as_ref()
            .is_none_or(|source| *source == event.source);
        is_source && (self.app.is_none() || self.app == event.app_id)
    }

    /// Whether the filter is true; the error is a sentence. `scope` is made when the first filter needs it.
    fn passes(&self, input: &Json, scope: &mut Option<Value>) -> Result<bool, String> {
        let Some(filter) = &self.filter else {
            return Ok(true);
        };
        let scope = scope.get_or_insert_with(|| {
            let trigger: Value =
                serde_json::from_str(input.as_str()).unwrap_or_else(|_| Value::from(()));
            Value::from_pairs([("trigger", trigger)])
        });
        let value = filter
            .evaluate_with(scope)
            .map_err(|error| error.to_string())?;
        Ok(value.is_true())
    }
}
