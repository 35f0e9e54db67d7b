//! A database, a plugin with the generic provider, and the apps.

use std::{path::Path, process::Command};

use jackfield_connected_apps::{Account, AppError, ConnectedApps, MasterKey, NewApp, Tally};
use jackfield_egress::{Egress, EgressConfig};
use jackfield_plugin_host::{Host, HostConfig, Isolation};
use jackfield_storage::{
    Clock, Store, StoreConfig, Timestamp,
    access::{ManageApps, Permit},
    connected_app::ConnectedApp,
    ids::{RunId, WorkspaceId},
};
use serde_json::Value;
use tempfile::TempDir;

const MASTER_KEY: &str = "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=";

pub struct Setting {
    pub store: Store,
    pub apps: ConnectedApps,
    /// The apps as another node on the same database has them.
    pub elsewhere: ConnectedApps,
    pub clock: Clock,
    pub workspace: WorkspaceId,
    pub permit: Permit<ManageApps>,
    pub run: RunId,
    _directory: TempDir,
}

impl Setting {
    pub async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let url = format!(
            "sqlite://{}",
            directory.path().join("jackfield.db").display()
        );
        let store = Store::open(StoreConfig::new(url), clock.clone())
            .await
            .unwrap();
        let egress = EgressConfig {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            ..EgressConfig::default()
        };
        let egress = Egress::new(egress).unwrap();
        let mut config = HostConfig::new(compile(directory.path()), egress.clone());
        config.isolation = Isolation::InProcess;
        let host = Host::open(config).await;
        let master = MasterKey::parse(MASTER_KEY).unwrap();
        let (workspace, _) = store.ensure_default_workspace().await.unwrap();
        Self {
            apps: ConnectedApps::new(store.clone(), host.clone(), egress.clone(), &master).unwrap(),
            elsewhere: ConnectedApps::new(store.clone(), host, egress, &master).unwrap(),
            permit: Permit::system(workspace.id, "test"),
            workspace: workspace.id,
            run: clock.id(),
            clock,
            store,
            _directory: directory,
        }
    }

    pub async fn connect(
        &self,
        credentials: Value,
        settings: Value,
    ) -> Result<ConnectedApp, AppError> {
        self.connect_to("http", credentials, settings).await
    }

    pub async fn connect_to(
        &self,
        provider: &str,
        credentials: Value,
        settings: Value,
    ) -> Result<ConnectedApp, AppError> {
        let new = NewApp {
            provider: provider.into(),
            name: Some("Partner".into()),
            credentials,
            settings,
            rate_limit: None,
            skip_test: false,
        };
        self.apps.connect(&self.permit, new).await
    }
}

/// That of a step whose use of credentials somebody else writes down.
pub fn account() -> Account {
    Account::Tallied(Tally::default())
}

/// Compiles a plugin for each provider into a directory below `scratch`.
fn compile(scratch: &Path) -> std::path::PathBuf {
    let plugins = scratch.join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    for provider in [
        include_str!("../support/http.json"),
        include_str!("../support/greedy.json"),
        include_str!("../support/stripe.json"),
        include_str!("../support/ledger.json"),
    ] {
        let provider: Value = serde_json::from_str(provider).unwrap();
        compile_one(scratch, &plugins, &provider);
    }
    plugins
}

fn compile_one(scratch: &Path, plugins: &Path, provider: &Value) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = provider["name"].as_str().unwrap();
    let manifest =
        serde_json::json!({"name": name, "version": "1.0.0", "providers": [provider]}).to_string();
    let header = format!("#define MANIFEST {manifest:?}\n");
    std::fs::write(scratch.join("manifest.h"), header).unwrap();
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-Wall", "-I"])
        .arg(root.join("../plugin-abi/include"))
        .arg("-I")
        .arg(scratch)
        .arg(root.join("tests/support/provider.c"))
        .arg("-o")
        .arg(plugins.join(name).with_extension("so"))
        .status();
    assert!(status.unwrap().success(), "cc");
}
