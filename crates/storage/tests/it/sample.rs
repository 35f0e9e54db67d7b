//! What the examples start from.

use std::time::Duration;

use anyhow::{Context, Result};
use jackfield_storage::{
    Append, Channels, Clock, Json, NewEvent, NewRun, Start, StorageError, Store, StoreConfig,
    Timestamp,
    access::{EditWorkflows, Permission, Permit},
    ids::{WorkflowId, WorkspaceId},
    run::Run,
    sea_orm::{EntityTrait, IntoActiveModel},
    step::{Step, StepStatus},
    workflow,
};
use jackfield_tests::{
    Engine,
    postgres::{Cluster, Durability},
};
use tempfile::TempDir;

/// An empty database, which goes when this value does.
pub struct Database {
    _folder: TempDir,
    cluster: Option<Cluster>,
    pub url: String,
}

impl Database {
    pub fn create(engine: Engine) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (cluster, url) = match engine {
            Engine::Sqlite => {
                let file = folder.path().join("jackfield.db");
                (None, format!("sqlite://{}", file.display()))
            }
            Engine::Postgres => {
                let cluster = Cluster::start(Durability::Memory)?;
                let url = cluster.create_database()?;
                (Some(cluster), url)
            }
        };
        Ok(Self {
            _folder: folder,
            cluster,
            url,
        })
    }

    /// Restarts PostgreSQL, whose clients lose their connections.
    pub fn restart(&self) -> Result<()> {
        self.cluster
            .as_ref()
            .context("SQLite is a part of this process")?
            .restart()
    }

    /// How many bytes a SQLite database takes on disk.
    pub fn file_size(&self) -> Option<u64> {
        let file = self.url.strip_prefix("sqlite://")?;
        let size = |path: String| std::fs::metadata(path).map_or(0, |file| file.len());
        Some(size(file.to_owned()) + size(format!("{file}-wal")))
    }

    pub async fn open(&self, clock: &Clock) -> Result<Store> {
        Ok(Store::open(StoreConfig::new(&self.url), clock.clone()).await?)
    }
}

/// An open store on an empty database with the default workspace.
pub struct Sample {
    pub store: Store,
    pub clock: Clock,
    pub workspace: WorkspaceId,
    pub database: Database,
}

impl Sample {
    pub async fn create(engine: Engine) -> Result<Self> {
        let database = Database::create(engine)?;
        let clock = Clock::manual(Timestamp::from_micros(1_763_654_400_000_000));
        let store = database.open(&clock).await?;
        let (workspace, made) = store.ensure_default_workspace().await?;
        assert!(made);
        Ok(Self {
            store,
            clock,
            workspace: workspace.id,
            database,
        })
    }

    pub fn permit<P: Permission>(&self) -> Permit<P> {
        Permit::system(self.workspace, "test")
    }

    pub fn event(&self, key: Option<&str>) -> NewEvent {
        NewEvent {
            id: self.clock.id(),
            event_type: "order.placed".to_owned(),
            source: "api".to_owned(),
            data: Json::from(serde_json::json!({ "key": key })),
            hook_id: None,
            dedupe_key: key.map(str::to_owned),
            occurred_at: self.clock.now(),
            content_type: None,
            dedupe_hash: None,
            channels: Channels::default(),
            app_id: None,
            request: None,
        }
    }

    pub fn append(&self, key: Option<&str>) -> Append {
        Append {
            event: self.event(key),
            runs: Vec::new(),
        }
    }

    pub fn run(&self) -> NewRun {
        NewRun {
            id: self.clock.id(),
            workflow_id: self.clock.id(),
            workflow_version_id: self.clock.id(),
            trigger_key: "start".to_owned(),
            input: Json::from(serde_json::json!({ "body": {} })),
            parent: None,
            lease: None,
            priority: jackfield_storage::run::Priority::Normal,
            concurrency: None,
        }
    }

    /// A workflow that is stored.
    pub async fn workflow(&self) -> Result<WorkflowId> {
        let now = self.clock.now();
        let row = workflow::Workflow {
            id: self.clock.id(),
            workspace_id: self.workspace,
            name: "sample".to_owned(),
            draft_version_id: None,
            published_version_id: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            revision: 0,
        };
        let id = row.id;
        let permit = self.permit::<EditWorkflows>();
        self.store
            .writer()
            .call(&permit, move |call| {
                Box::pin(async move {
                    workflow::Entity::insert(row.into_active_model())
                        .exec_without_returning(call.db())
                        .await?;
                    Ok::<_, StorageError>(())
                })
            })
            .await?;
        Ok(id)
    }

    pub fn step(&self, run: &Run, status: StepStatus) -> Step {
        Step {
            id: self.clock.id(),
            workspace_id: self.workspace,
            run_id: run.id,
            node_key: "call".to_owned(),
            status,
            attempt: 1,
            input: Some(Json::null()),
            output: None,
            error: None,
            port: None,
            created_at: self.clock.now(),
            started_at: Some(self.clock.now()),
            finished_at: None,
            wake_at: None,
            revision: 0,
            item_path: None,
            plugin_sha256: None,
            pinned: false,
            turn_of: None,
            warnings: None,
            connected_app_id: None,
        }
    }

    pub fn start(&self, key: Option<&str>) -> Start {
        Start {
            run: self.run(),
            idempotency_key: key.map(str::to_owned),
        }
    }
}

pub const SECOND: Duration = Duration::from_secs(1);
