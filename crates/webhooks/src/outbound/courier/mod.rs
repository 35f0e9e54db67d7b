//! Takes events to endpoints.
//!
//! - Which endpoints an event goes to is known from memory ([`known`]), so that it is written with its deliveries at once.
//! - A delivery that can be sent at once is born claimed and sent right after the commit, without being read again. All
//!   others are claimed when they are due ([`claim`]).
//! - Each endpoint has a [`lane`] of its own, so that one that does not answer holds up nobody else.
//! - What came of attempts is written many at a time ([`record`]).

mod attempt;
mod authorize;
mod claim;
mod content;
mod health;
mod known;
mod lane;
mod record;
mod replay;
mod settle;
mod tell;

use std::collections::HashMap;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jackfield_connected_apps::{Sealer, Tokens};
use jackfield_egress::Egress;
use jackfield_storage::{
    Attempted, Courier, Lease, NewDelivery, NewEvent, StorageError, Store, Timestamp,
    delivery::Delivery,
    event::Event,
    ids::{WebhookEndpointId, WorkspaceId},
    webhook_endpoint::{self, Ordering as Order, WebhookEndpoint},
};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};

use super::{OutboundConfig, expressions};
use content::Parcel;
use health::Health;
use known::{Known, Target};
use lane::{Lane, Place};

/// How many deliveries are held in memory; the others wait in the database.
const HELD: usize = 20_000;

/// What every part of the courier shares.
pub(super) struct Shared {
    pub store: Store,
    pub egress: Egress,
    pub sealer: Sealer,
    /// The access tokens of endpoints.
    pub tokens: Tokens<WebhookEndpointId>,
    pub config: OutboundConfig,
    pub health: Health,
    /// Told when a replay goes on.
    pub replays: Notify,
    known: Mutex<Arc<Known>>,
    lanes: Mutex<HashMap<WebhookEndpointId, Arc<Lane>>>,
    records: mpsc::UnboundedSender<Record>,
    /// How many deliveries are held in memory.
    held: AtomicUsize,
    stopping: AtomicBool,
    /// Told when something may be due.
    due: Notify,
    /// When the next delivery is due, as far as this process knows.
    next_due: Mutex<Option<Timestamp>>,
}

/// A delivery that this process sends.
pub(super) struct Job {
    delivery: Delivery,
    parcel: Arc<Parcel>,
    target: Arc<Target>,
}

/// What came of a delivery, to be written down.
#[derive(Clone)]
pub(super) struct Record {
    done: Attempted,
    /// Whether it is given up, and others may want to hear of it.
    exhausted: bool,
}

/// The courier as the store knows it.
pub(super) struct Sender(pub Arc<Shared>);

impl Courier for Sender {
    fn address<'a>(
        &'a self,
        workspace: WorkspaceId,
        event: &'a NewEvent,
        endpoints: u64,
    ) -> BoxFuture<'a, Result<Vec<NewDelivery>, StorageError>> {
        let known = self.0.known.lock().clone();
        if known.version == Some(endpoints) {
            let deliveries = self.0.address(&known, workspace, event);
            return std::future::ready(Ok(deliveries)).boxed();
        }
        async move {
            let known = self.0.read(endpoints).await?;
            Ok(self.0.address(&known, workspace, event))
        }
        .boxed()
    }

    fn stored(&self, event: &Arc<Event>, deliveries: &[Delivery]) {
        let known = self.0.known.lock().clone();
        let parcel = Arc::new(Parcel::new(event.clone()));
        for delivery in deliveries {
            if delivery.lease_owner.is_none() {
                self.0.wake(delivery.due_at.unwrap_or(Timestamp::EPOCH));
                continue;
            }
            self.0.held.fetch_add(1, Ordering::Relaxed);
            self.0.dispatch(&known, delivery.clone(), parcel.clone());
        }
    }

    fn look(&self) {
        self.0.wake_now();
    }
}

impl Shared {
    pub fn new(
        store: Store,
        egress: Egress,
        sealer: Sealer,
        config: OutboundConfig,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<Record>) {
        let (records, recorded) = mpsc::unbounded_channel();
        let shared = Self {
            tokens: Tokens::new(egress.clone(), store.clock().clone()),
            store,
            egress,
            sealer,
            config,
            health: Health::default(),
            replays: Notify::new(),
            known: Mutex::default(),
            lanes: Mutex::default(),
            records,
            held: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            due: Notify::new(),
            next_due: Mutex::default(),
        };
        (Arc::new(shared), recorded)
    }

    /// Begins to claim and to write down.
    pub fn start(self: &Arc<Self>, recorded: mpsc::UnboundedReceiver<Record>) {
        tokio::spawn(record::run(self.clone(), recorded));
        tokio::spawn(claim::run(self.clone()));
        tokio::spawn(claim::renew(self.clone()));
        tokio::spawn(health::run(self.clone()));
        tokio::spawn(replay::run(self.clone()));
    }

    /// Sends nothing new, and waits a while for what is under way.
    pub async fn drain(&self, patience: Duration) {
        self.stopping.store(true, Ordering::Release);
        let lanes: Vec<_> = self.lanes.lock().values().cloned().collect();
        let now = self.store.clock().now();
        for job in lanes.iter().flat_map(|lane| lane.clear()) {
            self.put_off(job, now);
        }
        let emptied = async {
            while self.held.load(Ordering::Acquire) > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(patience, emptied).await.is_err() {
            tracing::warn!("some webhooks were still under way; they are sent again");
        }
        health::write(self, false).await;
    }

    /// The endpoints as they are now.
    async fn present(&self) -> Result<Arc<Known>, StorageError> {
        let version = self.store.endpoint_version();
        let known = self.known.lock().clone();
        match known.version == Some(version) {
            true => Ok(known),
            false => self.read(version).await,
        }
    }

    async fn read(&self, version: u64) -> Result<Arc<Known>, StorageError> {
        let mut known = Known::new(version);
        for endpoint in webhook_endpoint::all(self.store.reader()).await? {
            let id = endpoint.id;
            let lane = self.lane(&endpoint);
            let target = Target::prepare(endpoint, self, lane);
            if let Err(error) = &target.ready {
                tracing::error!(endpoint = %id, error, "nothing can be sent to an endpoint");
            }
            known.add(target);
        }
        let known = Arc::new(known);
        let mut current = self.known.lock();
        // Somebody else may have read what is newer.
        if current.version <= known.version {
            *current = known.clone();
            self.tokens.retain(|id| known.wants_token(*id));
        }
        Ok(known)
    }

    fn lane(&self, endpoint: &WebhookEndpoint) -> Arc<Lane> {
        let fresh = || {
            let lane = Lane::default();
            lane.remember(endpoint.failing_since);
            Arc::new(lane)
        };
        let mut lanes = self.lanes.lock();
        lanes.entry(endpoint.id).or_insert_with(fresh).clone()
    }

    fn address(&self, known: &Known, workspace: WorkspaceId, event: &NewEvent) -> Vec<NewDelivery> {
        let targets = known.of(workspace, event);
        if targets.is_empty() {
            return Vec::new();
        }
        let event_type = event.event_type.as_str();
        let now = self.store.clock().now();
        let room = self.held.load(Ordering::Relaxed) < HELD && !self.is_stopping();
        let seen = || expressions::event(event.id, event_type, &event.data, event.occurred_at);
        let wanted = targets.into_iter().filter(|target| target.passes(seen));
        let deliveries = wanted.map(|target| {
            let endpoint = &target.endpoint;
            let shut = target.lane.shut(now);
            let mut delivery = self.unclaimed(endpoint, event.data.as_str());
            if room && shut.is_none() && endpoint.rate_limit.is_none() && delivery.queue.is_none() {
                delivery.lease = Some(Lease {
                    owner: self.store.node().to_owned(),
                    until: now.after(self.config.lease),
                });
            }
            delivery.due_at = shut;
            delivery
        });
        deliveries.collect()
    }

    /// A new delivery, to be claimed as soon as its turn has come.
    fn unclaimed(&self, endpoint: &WebhookEndpoint, data: &str) -> NewDelivery {
        NewDelivery {
            id: self.store.clock().id(),
            endpoint_id: endpoint.id,
            queue: (endpoint.ordering == Order::Strict).then(|| queue(endpoint, data)),
            lease: None,
            due_at: None,
            manual: false,
        }
    }

    /// Has a held delivery sent.
    fn dispatch(self: &Arc<Self>, known: &Known, delivery: Delivery, parcel: Arc<Parcel>) {
        let Some(target) = known.target(delivery.endpoint_id).cloned() else {
            self.cancel(delivery);
            return;
        };
        let lane = target.lane.clone();
        let job = Job {
            delivery,
            parcel,
            target,
        };
        match lane.offer(job, self.store.clock().now()) {
            Place::Go(job) => drop(tokio::spawn(work(self.clone(), lane, *job))),
            Place::Queued => {}
            Place::Later(job, until) => self.put_off(*job, until),
        }
    }

    /// Something may be due now.
    pub fn wake_now(&self) {
        self.wake(claim::NOW);
    }

    /// Something is due at this instant, or may be.
    fn wake(&self, at: Timestamp) {
        let mut next = self.next_due.lock();
        if next.is_none_or(|next| at < next) {
            *next = Some(at);
            self.due.notify_one();
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}

/// What a delivery waits in: its endpoint, or its key there.
fn queue(endpoint: &WebhookEndpoint, data: &str) -> String {
    let Some(path) = &endpoint.ordering_path else {
        return endpoint.id.to_string();
    };
    let data: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
    let found = path
        .split('.')
        .try_fold(&data, |value, name| value.get(name));
    format!(
        "{}:{}",
        endpoint.id,
        found.map(ToString::to_string).unwrap_or_default()
    )
}

/// Works on one delivery of a lane after the other.
async fn work(shared: Arc<Shared>, lane: Arc<Lane>, mut job: Job) {
    loop {
        let sent = std::panic::AssertUnwindSafe(attempt::attempt(&shared, &job));
        match sent.catch_unwind().await {
            Ok(done) => shared.settle(job, done),
            Err(_) => {
                tracing::error!(delivery = %job.delivery.id, "sending a webhook panicked");
                let later = shared.store.clock().now().after(Duration::from_secs(60));
                shared.put_off(job, later);
            }
        }
        match lane.next() {
            Some(next) => job = next,
            None => return,
        }
    }
}
