//! From a configuration to a running server, and back.

mod data_dir;
mod documents;
mod expressions;
mod first_start;
mod plugins;
mod session_key;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jackfield_connected_apps::{ConnectedApps, MasterKey};
use jackfield_egress::{Egress, EgressConfig};
use jackfield_graphql::{MayReturn, Services};
use jackfield_plugin_host::{Host, HostConfig, Unsigned};
use jackfield_storage::{Clock, Store, StoreConfig};
use jackfield_webhooks::event_type::EventTypes;
use jackfield_webhooks::inbound::{Inbound, InboundConfig, PublicUrl};
use jackfield_webhooks::outbound::{Outbound, OutboundConfig, Schedule};
use jackfield_webhooks::publish::Publisher;
use jackfield_workflows::{
    ApprovalLinks, Engine, EngineConfig, EngineHandle, Polls, PollsHandle, Schedules,
    SchedulesHandle, Workflows, WorkflowsConfig,
};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::auth::{Authenticator, Sessions};
use crate::config::{Config, Isolation, UnsignedPlugins};
use crate::http::{self, App, Budget, Sockets, router};
use crate::shutdown::{self, Shutdown, Signals, Trigger};
pub use data_dir::{prepare_data_dir, write_private};
pub use first_start::DEFAULT_WORKSPACE;

/// How long runs may go on after a signal before they are parked.
const DRAIN: Duration = Duration::from_secs(5);
/// How long webhooks on their way may take then.
const DELIVER: Duration = Duration::from_secs(2);
/// How many webhooks are on their way to one host at once.
const WEBHOOKS_PER_HOST: usize = 512;
/// How long requests and sockets may take after that.
const CLOSE: Duration = Duration::from_secs(2);

/// Starts everything, serves until a signal, and stops everything within 10 seconds.
///
/// # Errors
///
/// When something cannot be started. The message says what to do.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    for name in &config.unknown_variables {
        tracing::warn!(
            "the variable {name} sets nothing; `jackfield config` prints every key there is"
        );
    }
    prepare_data_dir(&config.data_dir)?;
    let store = Store::open(
        StoreConfig::new(config.database_url.reveal()),
        Clock::system(),
    )
    .await?;
    first_start::ensure_owner(&store, &config.data_dir).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("listen: {} cannot be served on", config.listen))?;
    let address = listener.local_addr()?;
    let (trigger, shutdown) = shutdown::channel();
    let (app, workers) = assemble(
        &config,
        store.clone(),
        &format!("http://{address}"),
        shutdown,
    )
    .await?;
    // Before anybody can know that the server is there.
    let signals = Signals::watch()?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
    let stopping = app.shutdown.clone();
    let router = router(app);
    let served = tokio::spawn(http::serve(
        listener,
        router,
        config.header_timeout,
        stopping,
    ));
    signals.received().await;
    stop(trigger, served, workers, store).await;
    Ok(())
}

/// What works without being asked.
struct Workers {
    engine: EngineHandle,
    schedules: SchedulesHandle,
    polls: PollsHandle,
    outbound: Outbound,
    sweeper: JoinHandle<()>,
    checks: JoinHandle<()>,
    inbound: Arc<Inbound>,
    counter: JoinHandle<()>,
}

#[expect(
    clippy::too_many_lines,
    reason = "what the server is made of, one part after the other"
)]
async fn assemble(
    config: &Config,
    store: Store,
    own_url: &str,
    shutdown: Shutdown,
) -> anyhow::Result<(Arc<App>, Workers)> {
    let egress = egress(config)?;
    let host = Host::open(host_config(config, egress.clone())).await;
    plugins::follow(host.clone(), shutdown.clone())?;
    let master = MasterKey::load(
        config.master_key.as_ref().map(|key| key.reveal()),
        &config.data_dir,
    )?;
    let apps = ConnectedApps::new(store.clone(), host.clone(), egress.clone(), &master)?
        .checked_every(config.app_check_interval);
    let session_key = session_key::load(config)?;
    let public_url = config
        .public_url
        .as_ref()
        .map_or(own_url, |url| url.as_str());
    let workflows = Workflows::new(WorkflowsConfig {
        store: store.clone(),
        host: host.clone(),
        apps: apps.clone(),
        approvals: ApprovalLinks::new(public_url, &session_key),
    });
    let sessions = Sessions::new(&session_key);
    let auth = Authenticator::new(store.clone(), sessions, egress, config.issuers.clone());
    let outbound = outbound(config, &store, &apps)?;
    let public_url = PublicUrl::parse(public_url)?;
    let inbound_config = InboundConfig {
        public_url: public_url.clone(),
        max_body: config.max_body_bytes,
        dedupe_window: config.hook_dedupe_window,
        max_per_second: config.hook_requests_per_second,
    };
    let inbound = Arc::new(Inbound::new(store.clone(), apps.clone(), inbound_config));
    let counting = inbound.clone();
    let counter = tokio::spawn(async move { counting.keep_counts().await });
    let engine_config = EngineConfig {
        lease: config.run_lease,
        ..EngineConfig::default()
    };
    let engine = Engine::start(&workflows, engine_config);
    let schedules = Schedules::start(&workflows);
    let polls = Polls::start(&workflows, config.run_lease);
    let sweeper = tokio::spawn(sweep::run(store.clone(), config.retention));
    let checks = apps.start_checks();
    let event_types = EventTypes::new(store.clone());
    let publisher = Publisher::new(store.clone(), event_types.clone(), config.max_event_bytes);
    let services = Services {
        store: store.clone(),
        workflows: workflows.clone(),
        apps: apps.clone(),
        host,
        event_types,
        publisher: publisher.clone(),
        inbound: inbound.clone(),
        outbound: outbound.clone(),
        tokens: Arc::new(auth.clone()),
        accounts: Arc::new(auth.clone()),
        public_url,
        may_return: may_return(allowed_origins(config, own_url)),
    };
    let app = App {
        api: jackfield_graphql::build(services, documents::configure(config)?),
        auth,
        store,
        inbound: inbound.clone(),
        publisher,
        outbound: outbound.clone(),
        apps,
        workflows,
        allowed_origins: allowed_origins(config, own_url),
        introspection: config.introspection,
        budget: Budget::new(config.cost_per_minute),
        sockets: Sockets::default(),
        max_body_bytes: config.max_body_bytes,
        body_timeout: config.body_timeout,
        trusted_proxies: config.trusted_proxies.clone(),
        respond_timeout: config.respond_timeout,
        shutdown,
    };
    Ok((
        Arc::new(app),
        Workers {
            engine,
            schedules,
            polls,
            outbound,
            sweeper,
            checks,
            inbound,
            counter,
        },
    ))
}

/// Begins to send webhooks.
fn outbound(config: &Config, store: &Store, apps: &ConnectedApps) -> anyhow::Result<Outbound> {
    let outbound = OutboundConfig {
        lease: config.run_lease,
        schedule: Schedule::new(config.webhook_retries.clone()),
        expressions: Arc::new(expressions::Language),
        give_up: config.webhook_give_up,
    };
    let egress = webhook_egress(config)?;
    let sealer = apps.sealer().clone();
    Ok(Outbound::start(store.clone(), egress, sealer, outbound))
}

fn allowed_origins(config: &Config, own_url: &str) -> crate::config::AllowedOrigins {
    let origins = config.allowed_origins.clone().with(own_url);
    match &config.public_url {
        Some(url) => origins.with(url.as_str()),
        None => origins,
    }
}

/// People are sent to pages whose origins may use the API.
fn may_return(origins: crate::config::AllowedOrigins) -> MayReturn {
    Arc::new(move |url: &url::Url| {
        let origin = url.origin().ascii_serialization();
        origins.allows(Some(&origin), None)
    })
}

/// Outgoing connections as the configuration allows them.
///
/// # Errors
///
/// When TLS cannot be set up.
pub fn egress(config: &Config) -> anyhow::Result<Egress> {
    let egress = EgressConfig {
        allow: config.egress_allow.clone(),
        ..EgressConfig::default()
    };
    Egress::new(egress).context("outgoing connections cannot be set up")
}

/// The same for webhooks: how much goes to one endpoint at once is decided there, and many may be on one host.
fn webhook_egress(config: &Config) -> anyhow::Result<Egress> {
    let egress = EgressConfig {
        allow: config.egress_allow.clone(),
        per_host: WEBHOOKS_PER_HOST,
        ..EgressConfig::default()
    };
    Egress::new(egress).context("outgoing connections cannot be set up")
}

/// Where plugins are and how they are run.
pub fn host_config(config: &Config, egress: Egress) -> HostConfig {
    let isolation = match config.isolation {
        Isolation::Process => jackfield_plugin_host::Isolation::Process,
        Isolation::InProcess => jackfield_plugin_host::Isolation::InProcess,
    };
    let unsigned = match config.unsigned_plugins {
        UnsignedPlugins::Allow => Unsigned::Allow,
        UnsignedPlugins::Refuse => Unsigned::Refuse,
    };
    HostConfig {
        isolation,
        unsigned,
        limits: config.plugin_limits,
        ..HostConfig::new(&config.plugins, egress)
    }
}

/// Stops in this order: no new connections and nothing new for subscribers, then runs, then what is left, then the store.
async fn stop(trigger: Trigger, served: JoinHandle<()>, workers: Workers, store: Store) {
    trigger.request();
    workers.sweeper.abort();
    workers.checks.abort();
    workers.counter.abort();
    drop(workers.schedules);
    drop(workers.polls);
    workers.engine.drain(DRAIN).await;
    workers.outbound.drain(DELIVER).await;
    workers.inbound.write_counts(false).await;
    drop(workers.inbound);
    in_time("connections", connections_closed(trigger, served)).await;
    in_time("the database", store.close()).await;
    tracing::info!("stopped");
}

/// The router goes with the last connection, and with it the last watcher of the trigger.
async fn connections_closed(mut trigger: Trigger, served: JoinHandle<()>) {
    if let Err(error) = served.await {
        tracing::error!(%error, "serving ended with an error");
    }
    trigger.released().await;
}

async fn in_time(what: &str, closed: impl Future<Output = ()>) {
    if timeout(CLOSE, closed).await.is_err() {
        tracing::warn!("{what} did not close in time");
    }
}
