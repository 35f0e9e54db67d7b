use std::path::Path;

use anyhow::{Context, Result, bail};
use jackfield_connected_apps::{ConnectedApps, MasterKey};
use jackfield_egress::{Egress, EgressConfig};
use jackfield_plugin_host::{Host, HostConfig, Isolation};
use jackfield_storage::access::{EditWorkflows, Permit, Read, StartRuns};
use jackfield_storage::ids::{RunId, WorkflowId, WorkspaceId};
use jackfield_storage::run::{self, Run};
use jackfield_storage::step::{self, Step};
use jackfield_storage::{Clock, Store, StoreConfig};
use jackfield_workflows::{
    ApprovalLinks, Engine, EngineConfig, EngineHandle, NewWorkflow, StartRun, Workflows,
    WorkflowsConfig,
};
use serde_json::{Value, json};

/// A store in a directory of its own, the `http` plugin, and the workflows over both.
pub struct Panel {
    pub directory: tempfile::TempDir,
    pub store: Store,
    pub workflows: Workflows,
    workspace: WorkspaceId,
}

impl Panel {
    pub async fn open() -> Result<Panel> {
        let directory = tempfile::tempdir()?;
        link_plugin(&directory.path().join("plugins"))?;
        Panel::open_in(directory).await
    }

    /// The same database again, as after a restart.
    pub async fn reopen(self) -> Result<Panel> {
        self.store.close().await;
        Panel::open_in(self.directory).await
    }

    async fn open_in(directory: tempfile::TempDir) -> Result<Panel> {
        let url = format!(
            "sqlite://{}",
            directory.path().join("jackfield.db").display()
        );
        let store = Store::open(StoreConfig::new(url), Clock::system()).await?;
        let (workspace, _) = store.ensure_default_workspace().await?;
        let egress = Egress::new(EgressConfig {
            allow: vec!["127.0.0.0/8".parse()?],
            ..EgressConfig::default()
        })?;
        let mut config = HostConfig::new(directory.path().join("plugins"), egress.clone());
        config.isolation = Isolation::InProcess;
        let host = Host::open(config).await;
        let key = MasterKey::parse("b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=")?;
        let apps = ConnectedApps::new(store.clone(), host.clone(), egress, &key)?;
        let workflows = Workflows::new(WorkflowsConfig {
            store: store.clone(),
            host,
            apps,
            approvals: ApprovalLinks::new("http://localhost", &[7; 32]),
        });
        Ok(Panel {
            directory,
            store,
            workflows,
            workspace: workspace.id,
        })
    }

    pub fn engine(&self) -> EngineHandle {
        Engine::start(&self.workflows, EngineConfig::default())
    }

    pub async fn publish(&self, nodes: Value, edges: &[(&str, &str)]) -> Result<WorkflowId> {
        let permit: Permit<EditWorkflows> = Permit::system(self.workspace, "test");
        let edge = |(from, to): &(&str, &str)| {
            let (from, port) = from.split_once('.').unwrap_or((from, "data-out"));
            json!({"from": from, "fromPort": port, "to": to})
        };
        let definition =
            json!({"nodes": nodes, "edges": edges.iter().map(edge).collect::<Vec<_>>()});
        let new = NewWorkflow {
            name: "Test".to_owned(),
            definition,
        };
        let workflow = self.workflows.create(&permit, new).await?;
        Ok(self.workflows.publish(&permit, workflow.id).await?.id)
    }

    pub async fn start(&self, workflow_id: WorkflowId, input: Value) -> Result<RunId> {
        let permit: Permit<StartRuns> = Permit::system(self.workspace, "test");
        let start = StartRun {
            workflow_id,
            input,
            idempotency_key: None,
            priority: None,
        };
        Ok(self.workflows.start(&permit, start).await?.run.id)
    }

    fn read(&self) -> Permit<Read> {
        Permit::system(self.workspace, "test")
    }

    pub async fn run(&self, id: RunId) -> Result<Run> {
        run::find(self.store.reader(), &self.read(), id)
            .await?
            .context("the run is there")
    }

    /// The run once `holds` of it.
    pub async fn until(&self, id: RunId, holds: impl Fn(&Run) -> bool) -> Result<Run> {
        let mut changes = self.store.changes();
        loop {
            let run = self.run(id).await?;
            if holds(&run) {
                return Ok(run);
            }
            changes.recv().await?;
        }
    }

    /// The run once it is over.
    pub async fn over(&self, id: RunId) -> Result<Run> {
        self.until(id, |run| run.status.is_finished()).await
    }

    pub async fn step(&self, id: RunId, key: &str) -> Result<Step> {
        let steps = step::of_runs(self.store.reader(), &self.read(), &[id]).await?;
        steps
            .into_iter()
            .find(|step| step.node_key == key)
            .context("the step is there")
    }
}

/// Lays the built plugin out as a directory of plugins.
fn link_plugin(plugins: &Path) -> Result<()> {
    let name = format!(
        "{}jackfield_plugin_http{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let executable = std::env::current_exe()?;
    let Some(library) = executable
        .ancestors()
        .map(|folder| folder.join(&name))
        .find(|file| file.is_file())
    else {
        bail!(
            "{name} is not built; run `cargo xtask test`, or first `cargo build -p jackfield-plugin-http`"
        );
    };
    std::fs::create_dir_all(plugins.join("http"))?;
    std::os::unix::fs::symlink(library, plugins.join("http").join(name))?;
    Ok(())
}
