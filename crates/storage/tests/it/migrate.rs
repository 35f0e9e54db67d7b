//! The schema.

use anyhow::Result;
use jackfield_migrations::Migrator;
use jackfield_storage::{
    Clock, Page,
    access::{Permit, Read},
    hook_health::Verdict,
    inbound_hook,
    rejection::{self, TraceFilter},
    sea_orm::{ConnectionTrait, Database as Connect, DbBackend, EntityTrait, Statement},
};
use jackfield_tests::{Engine, on_both_engines};

use sea_orm_migration::MigratorTrait;

use crate::sample::Database;

on_both_engines!(
    every_noun_has_its_table,
    hooks_and_traces_of_an_earlier_release_stay,
);

async fn every_noun_has_its_table(engine: Engine) -> Result<()> {
    let database = Database::create(engine)?;
    database.open(&Clock::system()).await?.close().await;
    // Opening again finds nothing to do.
    let store = database.open(&Clock::system()).await?;
    let backend = store.reader().get_database_backend();
    let tables = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    };
    let rows = store
        .reader()
        .query_all_raw(Statement::from_string(backend, tables))
        .await?;
    let names = rows
        .iter()
        .map(|row| row.try_get_by::<String, _>(0))
        .collect::<Result<Vec<_>, _>>()?;
    assert_eq!(
        names,
        [
            "api_keys",
            "app_grants",
            "app_turns",
            "audit_log",
            "blobs",
            "connected_apps",
            "credential_uses",
            "deliveries",
            "delivery_attempts",
            "endpoint_health",
            "event_type_versions",
            "event_types",
            "event_waits",
            "events",
            "hook_health",
            "inbound_hooks",
            "invitations",
            "log_heads",
            "memberships",
            "message_templates",
            "migrations",
            "oauth_states",
            "password_resets",
            "payload_uses",
            "payloads",
            "pins",
            "polls",
            "rejections",
            "replays",
            "resources",
            "runs",
            "sign_in_failures",
            "signals",
            "steps",
            "triggers",
            "turns",
            "user_sessions",
            "users",
            "variable_versions",
            "variables",
            "webhook_endpoints",
            "workflow_versions",
            "workflows",
            "workspaces",
        ]
    );
    store.close().await;
    Ok(())
}

async fn hooks_and_traces_of_an_earlier_release_stay(engine: Engine) -> Result<()> {
    let database = Database::create(engine)?;
    let url = match engine {
        Engine::Sqlite => format!("{}?mode=rwc", database.url),
        Engine::Postgres => database.url.clone(),
    };
    let db = Connect::connect(url).await?;
    let migrations = Migrator::migrations();
    let steps = migrations
        .iter()
        .position(|step| step.name().ends_with("_app_hooks"));
    Migrator::up(&db, Some(u32::try_from(steps.unwrap_or_default())?)).await?;
    let id = |number: u8| match engine {
        Engine::Sqlite => format!("X'{number:032x}'"),
        Engine::Postgres => format!("'{number:032x}'"),
    };
    let (workspace, workflow, hook, trace) = (id(1), id(2), id(3), id(4));
    for statement in [
        format!("INSERT INTO workspaces (id, name, created_at) VALUES ({workspace}, 'w', 0)"),
        format!(
            "INSERT INTO workflows (id, workspace_id, name, created_at, updated_at, revision) VALUES ({workflow}, {workspace}, 'w', 0, 0, 1)"
        ),
        format!(
            "INSERT INTO inbound_hooks (id, workspace_id, workflow_id, node_key, token, config, active, created_at) \
             VALUES ({hook}, {workspace}, {workflow}, 'got', 't0k3n', '{{}}', true, 7)"
        ),
        format!(
            "INSERT INTO rejections (id, workspace_id, hook_id, reason, detail, size, received_at) \
             VALUES ({trace}, {workspace}, {hook}, 'WRONG_SIGNATURE', 'no', 14, 8)"
        ),
    ] {
        db.execute_unprepared(&statement).await?;
    }
    db.close().await?;

    let store = database.open(&Clock::system()).await?;
    let found = inbound_hook::find_target(store.reader(), "t0k3n").await?;
    let hook = found.map(|found| found.hook);
    let hook = hook
        .as_ref()
        .filter(|hook| hook.node_key.as_deref() == Some("got"));
    let hook = hook.ok_or_else(|| anyhow::anyhow!("the hook is gone"))?;
    let read = Permit::<Read>::system(hook.workspace_id, "test");
    let of = (hook.id, TraceFilter::default());
    let traces = rejection::pages(store.reader(), &read, &[(of, Page::default())]).await?;
    assert_eq!(traces[0].items.len(), 1);
    assert_eq!(traces[0].items[0].verdict, Verdict::Rejected);
    store.close().await;

    // Their workflow still takes them along.
    let db = Connect::connect(&database.url).await?;
    db.execute_unprepared("DELETE FROM workflows").await?;
    assert_eq!(inbound_hook::Entity::find().all(&db).await?.len(), 0);
    assert_eq!(rejection::Entity::find().all(&db).await?.len(), 0);
    Ok(db.close().await?)
}
