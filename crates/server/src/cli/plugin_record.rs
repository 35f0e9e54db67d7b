use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use jackfield_connected_apps::{
    Account, AppChoice, ConnectedApps, MasterKey, NewApp, StepServices,
};
use jackfield_plugin_host::messages::{
    Call, CallError, CredentialSlot, ExampleExchange, NODE_EXECUTE, Outcome,
};
use jackfield_plugin_host::{Host, NodeType, Recorder, Unsigned};
use jackfield_storage::access::{ManageApps, Permit};
use jackfield_storage::credential_use::UsePurpose;
use jackfield_storage::ids::RunId;
use jackfield_storage::{Clock, Store, StoreConfig};
use parking_lot::Mutex;
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::options::Options;
use crate::config::Config;
use crate::start::{egress, host_config};

/// How long the node may take in all.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is executed, and where its requests go.
#[derive(Args)]
pub struct RecordArgs {
    /// The plugin's library, as the compiler leaves it.
    file: PathBuf,
    /// The type of the node to execute.
    #[arg(long, value_name = "TYPE")]
    node: String,
    /// The node's config: JSON, or @FILE.
    #[arg(long, value_name = "JSON", default_value = "{}", value_parser = json)]
    config: Value,
    /// The node's input: JSON, or @FILE.
    #[arg(long, value_name = "JSON", default_value = "null", value_parser = json)]
    input: Value,
    /// Credentials for the node's provider: JSON, or @FILE, which keeps them out of the list of processes. They are not
    /// recorded.
    #[arg(long, value_name = "JSON", value_parser = json)]
    credentials: Option<Value>,
    /// Settings of the connected app, such as `origins`: JSON, or @FILE.
    #[arg(long, value_name = "JSON", default_value = "null", value_parser = json)]
    settings: Value,
    /// The file to write; standard output by default.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn json(text: &str) -> Result<Value, String> {
    let read = match text.strip_prefix('@') {
        Some(file) => &fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?,
        None => text,
    };
    serde_json::from_str(read).map_err(|error| format!("it is no JSON: {error}"))
}

/// Executes a node once against the real service and writes down its requests and their answers, for tests that do without
/// the service. A node that fails is recorded like one that does not.
///
/// # Errors
///
/// When the plugin cannot be loaded or brings no such node, the credentials do not fit, or nothing was sent.
pub fn run(args: RecordArgs) -> anyhow::Result<()> {
    let config = Options::default().load()?;
    super::runtime()?.block_on(record(args, config))
}

async fn record(args: RecordArgs, config: Config) -> anyhow::Result<()> {
    let home = tempfile::tempdir().context("there is no room for temporary files")?;
    let host = load(&args.file, home.path(), &config).await?;
    let Some(node) = host.node_type(&args.node) else {
        let types: Vec<_> = host.node_types().iter().map(name).collect();
        let (node, types) = (&args.node, types.join(", "));
        bail!("--node: the plugin brings no node type {node}; it brings {types}");
    };
    let kept = Arc::new(Kept::default());
    let services = services(&args, &node, &host, &config, home.path()).await?;
    let services = services.with_recorder(kept.clone());
    let executed = execute(&args, &host, &services).await?;
    let exchanges = std::mem::take(&mut *kept.0.lock());
    match executed {
        Err(error) if exchanges.is_empty() => bail!("nothing was answered: {error}"),
        Ok(_) if exchanges.is_empty() => bail!("the node sent nothing: there is nothing to record"),
        Err(error) => eprintln!("The node failed: {error}"),
        Ok(outcome) => eprintln!("{}: {}", outcome.port, outcome.output),
    }
    for ExampleExchange { request, response } in &exchanges {
        eprintln!("{} {} {}", response.status, request.method, request.url);
    }
    let text = format!("{}\n", serde_json::to_string_pretty(&exchanges)?);
    match &args.out {
        Some(file) => fs::write(file, text).with_context(|| format!("{}", file.display())),
        None => super::print(&text),
    }
}

fn name(node: &Arc<NodeType>) -> String {
    node.manifest.node_type.clone()
}

/// A host with this one plugin.
async fn load(file: &Path, home: &Path, config: &Config) -> anyhow::Result<Host> {
    let plugins = home.join("plugins");
    fs::create_dir(&plugins)?;
    let name = file.file_name().context("FILE: give a plugin's library")?;
    fs::copy(file, plugins.join(name)).with_context(|| format!("{}", file.display()))?;
    let mut host = host_config(config, egress(config)?);
    host.dir = Some(plugins);
    host.unsigned = Unsigned::Allow;
    let host = Host::open(host).await;
    match host.plugins().first() {
        None => bail!("{}: this is no library", file.display()),
        Some(plugin) => match plugin.error() {
            Some(error) => bail!("{error}"),
            None => Ok(host),
        },
    }
}

/// What a step of a run would have, from a database that is gone afterwards.
async fn services(
    args: &RecordArgs,
    node: &NodeType,
    host: &Host,
    config: &Config,
    home: &Path,
) -> anyhow::Result<StepServices> {
    let url = format!("sqlite://{}", home.join("jackfield.db").display());
    let store = Store::open(StoreConfig::new(&url), Clock::system()).await?;
    let (workspace, _) = store.ensure_default_workspace().await?;
    let master = MasterKey::load(None, home)?;
    let apps = ConnectedApps::new(store.clone(), host.clone(), egress(config)?, &master)?;
    let app = match &args.credentials {
        None => AppChoice::None,
        Some(credentials) => {
            let provider = node.manifest.provider.clone();
            let new = NewApp {
                provider: provider.context("--credentials: the node has no provider")?,
                name: Some("Recording".into()),
                credentials: credentials.clone(),
                settings: args.settings.clone(),
                rate_limit: None,
                skip_test: true,
            };
            let permit = Permit::<ManageApps>::system(workspace.id, "plugin record");
            AppChoice::Named(apps.connect(&permit, new).await?.id)
        }
    };
    let account = Account::Own(UsePurpose::NodeTest);
    let run: RunId = store.clock().id();
    let services = apps.services(workspace.id, run, app, account).await;
    services.map_err(|error| anyhow::anyhow!("{error}"))
}

async fn execute(
    args: &RecordArgs,
    host: &Host,
    services: &StepServices,
) -> anyhow::Result<Result<Outcome, CallError>> {
    let settings = to_raw_value(&services.settings())?;
    let credentials = services.provider().map(|provider| CredentialSlot {
        slot: CredentialSlot::DEFAULT.into(),
        provider: provider.to_owned().into(),
        settings: Some(&settings),
    });
    let (config, input) = (to_raw_value(&args.config)?, to_raw_value(&args.input)?);
    let call = Call {
        op: NODE_EXECUTE.into(),
        node: args.node.as_str().into(),
        provider: None,
        config: &config,
        input: &input,
        credentials: credentials.into_iter().collect(),
        attempt: 1,
        idempotency_key: "recording".into(),
        timeout_ms: u64::try_from(PATIENCE.as_millis()).ok(),
        run: None,
    };
    let executed = tokio::time::timeout(PATIENCE, host.execute(&call, services));
    executed.await.context("the node took too long")
}

#[derive(Default)]
struct Kept(Mutex<Vec<ExampleExchange>>);

impl Recorder for Kept {
    fn record(&self, exchange: ExampleExchange) {
        self.0.lock().push(exchange);
    }
}
