//! What credentials are used for, as it is written down.

use std::{collections::BTreeSet, sync::Arc};

use jackfield_plugin_host::messages::CallError;
use jackfield_storage::{
    Clock, Json, StorageError, Store,
    access::{ManageApps, Permit},
    credential_use::{self, CredentialUse, UsePurpose},
    ids::{ConnectedAppId, CredentialUseId, WorkflowId, WorkspaceId},
};
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use crate::{ConnectedApps, code};

const PART: &str = "credential uses";

/// What the credentials of a step's app were used for so far. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    hosts: BTreeSet<String>,
    requests: i32,
    reads: i32,
}

impl Tally {
    /// A request that carries them is about to go there.
    pub(crate) fn request(&self, url: &Url) {
        let mut counted = self.0.lock();
        counted.requests = counted.requests.saturating_add(1);
        counted.hosts.insert(host(url));
    }

    /// A field of them is a key to check something with, or is shown to a plugin.
    pub(crate) fn read(&self) {
        let mut counted = self.0.lock();
        counted.reads = counted.reads.saturating_add(1);
    }

    /// Says in a row what is known by now.
    pub fn put(&self, row: &mut CredentialUse) {
        let counted = self.0.lock();
        row.requests = Some(counted.requests);
        row.reads = Some(counted.reads);
        // A list of texts is always JSON.
        row.hosts = Json::of(&counted.hosts).ok();
    }
}

/// A host, with its port where that is not the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Who writes down what credentials are used for.
pub enum Account {
    /// Whoever has the tally: it says with each step that it begins, and at its end what it came to.
    Tallied(Tally),
    /// Nobody else: a row is written before each use.
    Own(UsePurpose),
    /// The same of a trigger of a workflow, by the key of its node, that asks for news.
    Poll(WorkflowId, String),
}

/// The account of one lending.
pub(crate) enum Book {
    Tallied(Tally),
    Own(Box<Own>),
}

pub(crate) struct Own {
    store: Store,
    tally: Tally,
    row: AsyncMutex<CredentialUse>,
}

impl Book {
    pub fn open(
        account: Account,
        store: &Store,
        (workspace, app): (WorkspaceId, ConnectedAppId),
    ) -> Self {
        let of = (workspace, app);
        let row = match account {
            Account::Tallied(tally) => return Self::Tallied(tally),
            Account::Own(purpose) => use_of(store.clock(), of, purpose),
            Account::Poll(workflow, node_key) => CredentialUse {
                workflow_id: Some(workflow),
                node_key: Some(node_key),
                ..use_of(store.clock(), of, UsePurpose::Poll)
            },
        };
        Self::Own(Box::new(Own {
            row: AsyncMutex::new(row),
            store: store.clone(),
            tally: Tally::default(),
        }))
    }

    pub fn tally(&self) -> &Tally {
        match self {
            Self::Tallied(tally) => tally,
            Self::Own(own) => &own.tally,
        }
    }

    /// Has what was counted on disk, unless it is there already or somebody else sees to that.
    pub async fn write(&self) -> Result<(), CallError> {
        let Self::Own(own) = self else { return Ok(()) };
        let mut row = own.row.lock().await;
        let before = row.clone();
        own.tally.put(&mut row);
        if *row == before {
            return Ok(());
        }
        note(&own.store, row.clone()).await.map_err(|error| {
            tracing::error!(%error, app = %row.app_id, "a use of credentials could not be written down");
            let message = "what the credentials are used for cannot be written down, so they are not used";
            CallError::new(code::APP_UNREADABLE, message).retryable()
        })
    }
}

/// A use that begins now, and of which nothing is known yet.
pub fn use_of(
    clock: &Clock,
    (workspace, app): (WorkspaceId, ConnectedAppId),
    purpose: UsePurpose,
) -> CredentialUse {
    CredentialUse {
        id: clock.id::<CredentialUseId>(),
        workspace_id: workspace,
        app_id: app,
        purpose,
        workflow_id: None,
        run_id: None,
        node_key: None,
        item_path: None,
        attempt: None,
        at: clock.now(),
        hosts: None,
        requests: None,
        reads: None,
    }
}

async fn note(store: &Store, row: CredentialUse) -> Result<(), StorageError> {
    let permit = Permit::<ManageApps>::system(row.workspace_id, PART);
    let written = store.writer().call(&permit, |call| {
        Box::pin(async move { credential_use::put(call, row).await })
    });
    written.await
}

impl ConnectedApps {
    /// Writes down that credentials go to a token endpoint, before they do.
    pub(crate) async fn note_token_request(
        &self,
        of: (WorkspaceId, ConnectedAppId),
        endpoint: &Url,
    ) -> Result<(), StorageError> {
        note(&self.store, token_request(self.store.clock(), of, endpoint)).await
    }
}

/// A request to a token endpoint.
pub(crate) fn token_request(
    clock: &Clock,
    of: (WorkspaceId, ConnectedAppId),
    endpoint: &Url,
) -> CredentialUse {
    let tally = Tally::default();
    tally.request(endpoint);
    let mut row = use_of(clock, of, UsePurpose::Tokens);
    tally.put(&mut row);
    row
}
