//! One attempt of a plugin's node.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jackfield_connected_apps::{Account, AppChoice, Later, StepServices, Tally, no_default};
use jackfield_plugin_host::messages::{
    Call, CallError, CredentialSlot, NODE_EXECUTE, Outcome, RunInfo,
};
use jackfield_plugin_host::{CallJournal, Earlier, RecordedTurn};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::{ConnectedAppId, RunId, StepId, WorkflowId, WorkspaceId};
use jackfield_storage::{Json, Timestamp, turn};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::{mpsc, oneshot, watch};

use super::failure::{INTERNAL, TIMEOUT};
use crate::definition::Definition;
use crate::machine::Place;
use crate::workflow::Workflows;

/// Everything that a call needs, on its own, so that it can run beside the other branches.
pub(super) struct Attempt {
    pub workflows: Workflows,
    pub definition: Arc<Definition>,
    pub workspace: WorkspaceId,
    pub workflow: WorkflowId,
    pub run: RunId,
    pub place: Place,
    pub step: StepId,
    pub attempt: u32,
    /// The connected app that it uses; where that is a default one, once it is known which.
    pub app: Option<ConnectedAppId>,
    /// What the app's credentials are used for.
    pub tally: Tally,
    /// The node's config, evaluated.
    pub config: Json,
    /// What came in through its input port.
    pub input: Json,
    pub timeout: Duration,
    /// SHA-256 of the plugin's file, in hex.
    pub sha256: Option<String>,
    /// Whether it was under way when a process died.
    pub taken_up: bool,
    /// Whether it was another file of the plugin then.
    pub foreign: bool,
    /// Whether a request that may have been sent is only sent again when that cannot do anything twice.
    pub guarded: bool,
    pub recorder: mpsc::UnboundedSender<Record>,
    /// The instant until which it has waited for the turn of its first request.
    pub waited: Option<Timestamp>,
    /// What it draws on, where that was needed before it began.
    pub services: Option<Result<StepServices, CallError>>,
}

/// Whether it is on disk that attempts begin: until then nothing is done for them outside.
#[derive(Clone)]
pub(super) struct Word(watch::Receiver<bool>);

impl Word {
    /// A word that is to be given.
    pub fn awaited() -> (watch::Sender<bool>, Word) {
        let (giver, given) = watch::channel(false);
        (giver, Word(given))
    }

    /// Returns once it is.
    async fn given(&self) -> Result<(), CallError> {
        let mut given = self.0.clone();
        let given = given.wait_for(|given| *given).await;
        given.map(|_| ()).map_err(|_| abandoned())
    }
}

/// What came of an attempt.
pub(super) struct Returned {
    pub place: Place,
    pub result: Result<Came, CallError>,
}

/// How an attempt went.
pub(super) enum Came {
    /// The node left by a port.
    Left(Outcome),
    /// It did not begin: its first request has its turn later.
    Later(Later),
}

/// Turns that a call wants written before it goes on.
pub(super) struct Record {
    pub place: Place,
    pub first: usize,
    pub turns: Vec<RecordedTurn>,
    pub done: oneshot::Sender<()>,
}

impl Attempt {
    /// Makes the call. Dropping the future ends it.
    ///
    /// It gets ready while it is being written that it begins: opens its app, and has the plugin ask for the first thing. Nothing of
    /// that can be seen outside. Its time counts from when it may go on.
    pub async fn call(mut self, word: Word) -> Returned {
        let (place, timeout) = (self.place.clone(), self.timeout);
        let expired = async {
            match word.given().await {
                Ok(()) => tokio::time::sleep(timeout).await,
                // The call ends by itself: it waits for the same.
                Err(_) => std::future::pending().await,
            }
        };
        let result = tokio::select! {
            result = self.execute(&word) => result,
            () = expired => {
                let message = format!("the attempt took longer than {timeout:?}");
                Err(CallError::new(TIMEOUT, message).retryable())
            }
        };
        Returned { place, result }
    }

    /// What it may draw on.
    pub async fn open(&self) -> Result<StepServices, CallError> {
        let choice = match (self.app, self.definition.node(self.place.node).app()) {
            (Some(app), _) => AppChoice::Named(app),
            (None, AppChoice::DefaultOf(provider)) => return Err(no_default(provider)),
            (None, none) => none,
        };
        let account = Account::Tallied(self.tally.clone());
        let apps = &self.workflows.0.apps;
        apps.services(self.workspace, self.run, choice, account)
            .await
    }

    async fn execute(&mut self, word: &Word) -> Result<Came, CallError> {
        let definition = self.definition.clone();
        let node = definition.node(self.place.node);
        let inner = self.workflows.0.clone();
        let services = match self.services.take() {
            Some(opened) => opened?,
            None => self.open().await?,
        };
        if services.is_limited() {
            // A turn that was taken is not given back.
            word.given().await?;
        }
        let services = services
            .with_journal(self.journal(word))
            .with_deadline(inner.store.clock().now().after(self.timeout));
        // What was under way already may have done something, and goes on with that.
        if !self.taken_up
            && let Some(later) = services.first_turn(self.waited).await?
        {
            return Ok(Came::Later(later));
        }
        let settings = to_raw_value(&services.settings()).map_err(|error| unreadable(&error))?;
        let credentials = services.provider().map(|provider| CredentialSlot {
            slot: CredentialSlot::DEFAULT.into(),
            provider: provider.to_owned().into(),
            settings: Some(&settings),
        });
        let (workflow_id, run_id) = (self.workflow.to_string(), self.run.to_string());
        let mut key = format!("{run_id}.{}", node.key);
        for item in self.place.path.items() {
            key.push_str(&format!("[{item}]"));
        }
        let call = Call {
            op: NODE_EXECUTE.into(),
            provider: None,
            node: node.kind.name.as_str().into(),
            config: raw(&self.config)?,
            input: raw(&self.input)?,
            credentials: credentials.into_iter().collect(),
            attempt: self.attempt,
            // The same for every attempt of the step, and for no other step.
            idempotency_key: key.into(),
            timeout_ms: u64::try_from(self.timeout.as_millis()).ok(),
            run: Some(RunInfo {
                workflow_id: workflow_id.into(),
                run_id: run_id.into(),
                node_key: node.key.as_str().into(),
            }),
        };
        let outcome = inner.host.execute(&call, &services).await?;
        Ok(Came::Left(outcome))
    }

    fn journal(&self, word: &Word) -> Box<dyn CallJournal> {
        Box::new(StepJournal {
            workflows: self.workflows.clone(),
            permit: Permit::system(self.workspace, "engine"),
            place: self.place.clone(),
            step: self.step,
            taken_up: self.taken_up,
            foreign: self.foreign,
            guarded: self.guarded,
            recorder: self.recorder.clone(),
            word: word.clone(),
        })
    }
}

/// The journal inside a step: read from the database, written by the run's driver, which holds its fence.
struct StepJournal {
    workflows: Workflows,
    permit: Permit<Read>,
    place: Place,
    step: StepId,
    taken_up: bool,
    foreign: bool,
    guarded: bool,
    recorder: mpsc::UnboundedSender<Record>,
    word: Word,
}

#[async_trait]
impl CallJournal for StepJournal {
    async fn recall(&self) -> Result<Option<Earlier>, CallError> {
        if !self.taken_up {
            return Ok(None);
        }
        let turns = match self.foreign {
            true => Vec::new(),
            false => {
                let db = self.workflows.0.store.reader();
                let read = turn::of_step(db, &self.permit, self.step).await;
                read.map_err(|error| CallError::new(INTERNAL, error.to_string()).retryable())?
            }
        };
        let turns = turns.into_iter().map(|turn| RecordedTurn {
            asked: turn.asked,
            frame: turn.frame,
        });
        Ok(Some(Earlier {
            turns: turns.collect(),
            guarded: self.guarded,
            foreign: self.foreign,
        }))
    }

    async fn begun(&self) -> Result<(), CallError> {
        self.word.given().await
    }

    async fn record(&self, first: usize, turns: Vec<RecordedTurn>) -> Result<(), CallError> {
        let (done, written) = oneshot::channel();
        let record = Record {
            place: self.place.clone(),
            first,
            turns,
            done,
        };
        self.recorder.send(record).map_err(|_| abandoned())?;
        written.await.map_err(|_| abandoned())
    }
}

fn abandoned() -> CallError {
    CallError::new(INTERNAL, "the run is no longer worked on here")
}

fn raw(json: &Json) -> Result<&RawValue, CallError> {
    serde_json::from_str(json.as_str()).map_err(|error| unreadable(&error))
}

pub(super) fn unreadable(error: &serde_json::Error) -> CallError {
    CallError::new(
        INTERNAL,
        format!("the call could not be written as JSON: {error}"),
    )
}
