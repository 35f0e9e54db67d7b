//! A database with one published workflow that a hook starts.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jackfield_connected_apps::{ConnectedApps, HookSecrets, MasterKey, Sealer};
use jackfield_egress::{Egress, EgressConfig};
use jackfield_plugin_host::{Host, HostConfig};
use jackfield_storage::{
    Clock, Json, Page, StorageError, Store, StoreConfig, Timestamp,
    access::{EditWorkflows, Permit, Read},
    inbound_hook::{self, HookConfig, InboundHook},
    rejection::{self, TraceFilter},
    sea_orm::{EntityTrait, IntoActiveModel},
    trigger::{self, Trigger, TriggerKind},
    workflow::{self, Workflow},
    workflow_version::{self, WorkflowVersion},
};
use jackfield_webhooks::inbound::{Answer, Inbound, InboundConfig, InboundRequest, PublicUrl};
use serde_json::Value;
use tempfile::TempDir;

pub const TOKEN: &str = "t0k3n";
/// For how long an event is recognised.
pub const DEDUPE_WINDOW: Duration = Duration::from_secs(3600);
const MASTER_KEY: &str = "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=";

pub struct Setting {
    pub store: Store,
    pub clock: Clock,
    pub inbound: Arc<Inbound>,
    pub hook: InboundHook,
    _directory: TempDir,
}

impl Setting {
    /// The hook `t0k3n`, published with `config`, at the Unix second `now`.
    pub async fn new(config: HookConfig, secret: Value, now: i64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Timestamp::from_micros(now * 1_000_000));
        let url = format!(
            "sqlite://{}",
            directory.path().join("jackfield.db").display()
        );
        let store = Store::open(StoreConfig::new(url), clock.clone())
            .await
            .unwrap();
        let egress = Egress::new(EgressConfig::default()).unwrap();
        let host = Host::open(HostConfig::new(directory.path(), egress.clone())).await;
        let master = MasterKey::parse(MASTER_KEY).unwrap();
        let apps = ConnectedApps::new(store.clone(), host, egress, &master).unwrap();
        let hook = publish(&store, apps.sealer(), config, &secret).await;
        let config = InboundConfig {
            public_url: PublicUrl::parse("https://jackfield.example.com").unwrap(),
            max_body: 10_000,
            dedupe_window: DEDUPE_WINDOW,
            max_per_second: None,
        };
        let inbound = Arc::new(Inbound::new(store.clone(), apps, config));
        Self {
            store,
            clock,
            inbound,
            hook,
            _directory: directory,
        }
    }

    /// Posts `body` to the hook.
    pub async fn post(&self, headers: &[(&'static str, &str)], body: &str) -> Answer {
        self.inbound.accept(post(headers, body)).await.unwrap()
    }

    /// How many runs there are.
    pub async fn runs(&self) -> usize {
        let read = Permit::<Read>::system(self.hook.workspace_id, "test");
        let filter = jackfield_storage::run::RunFilter::default();
        jackfield_storage::run::list(self.store.reader(), &read, &filter, Page::default(), &[])
            .await
            .unwrap()
            .items
            .len()
    }

    /// The reasons in the hook's traces, oldest first.
    pub async fn traces(&self) -> Vec<String> {
        let read = Permit::<Read>::system(self.hook.workspace_id, "test");
        let of = (self.hook.id, TraceFilter::default());
        let db = self.store.reader();
        let found = rejection::pages(db, &read, &[(of, Page::default())])
            .await
            .unwrap();
        found
            .iter()
            .flat_map(|page| page.items.iter().rev())
            .map(|trace| format!("{}: {} ({} bytes)", trace.reason, trace.detail, trace.size))
            .collect()
    }

    /// Takes the workflow out of the published ones.
    pub async fn unpublish(&self) {
        let permit = Permit::<EditWorkflows>::system(self.hook.workspace_id, "test");
        let (inner, workflow) = (permit.clone(), self.hook.workflow_id.unwrap());
        let call = self.store.writer().call(&permit, move |call| {
            Box::pin(async move { trigger::replace(call.db(), &inner, workflow, Vec::new()).await })
        });
        call.await.unwrap();
    }
}

/// A POST to the hook.
pub fn post(headers: &[(&'static str, &str)], body: &str) -> InboundRequest {
    let headers = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )
    });
    InboundRequest {
        method: Method::POST,
        token: TOKEN.into(),
        query: None,
        headers: HeaderMap::from_iter(headers),
        body: Bytes::from(body.to_owned()),
        from: None,
    }
}

async fn publish(
    store: &Store,
    sealer: &Sealer,
    config: HookConfig,
    secret: &Value,
) -> InboundHook {
    let (workspace, _) = store.ensure_default_workspace().await.unwrap();
    let (clock, now) = (store.clock(), store.clock().now());
    let (workflow_id, version_id, hook_id) = (clock.id(), clock.id(), clock.id());
    let secrets = HookSecrets::parse(&config, secret).unwrap();
    let hook = InboundHook {
        id: hook_id,
        workspace_id: workspace.id,
        workflow_id: Some(workflow_id),
        node_key: Some("got".into()),
        token: TOKEN.into(),
        config: Json::of(&config).unwrap(),
        sealed_secret: secrets.map(|secrets| secrets.seal(sealer, workspace.id, hook_id).unwrap()),
        active: true,
        created_at: now,
        connected_app_id: None,
        previous_token: None,
        previous_token_until: None,
        revision: 0,
    };
    let workflow = Workflow {
        id: workflow_id,
        workspace_id: workspace.id,
        name: "Got".into(),
        draft_version_id: None,
        published_version_id: Some(version_id),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        revision: 1,
    };
    let version = WorkflowVersion {
        id: version_id,
        workspace_id: workspace.id,
        workflow_id,
        number: 1,
        definition: Json::check("{}").unwrap(),
        created_at: now,
        published_at: Some(now),
    };
    let trigger = Trigger {
        workflow_id,
        node_key: "got".into(),
        workspace_id: workspace.id,
        workflow_version_id: version_id,
        kind: TriggerKind::Webhook,
        hook_id: Some(hook_id),
        match_key: None,
        config: Json::from(serde_json::json!({})),
        next_at: None,
        error: None,
        error_at: None,
        priority: jackfield_storage::run::Priority::Normal,
        concurrency: None,
    };
    let row = hook.clone();
    let permit = Permit::<EditWorkflows>::system(workspace.id, "test");
    let written = store.writer().call(&permit, move |call| {
        Box::pin(async move {
            let db = call.db();
            workflow::Entity::insert(workflow.into_active_model())
                .exec_without_returning(db)
                .await?;
            workflow_version::Entity::insert(version.into_active_model())
                .exec_without_returning(db)
                .await?;
            inbound_hook::Entity::insert(row.into_active_model())
                .exec_without_returning(db)
                .await?;
            trigger::Entity::insert(trigger.into_active_model())
                .exec_without_returning(db)
                .await?;
            Ok::<_, StorageError>(())
        })
    });
    written.await.unwrap();
    hook
}
