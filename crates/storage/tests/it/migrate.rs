//! The schema.

use anyhow::Result;
use jackfield_storage::{
    Clock,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::Database;

on_both_engines!(every_noun_has_its_table);

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
            "app_turns",
            "blobs",
            "connected_apps",
            "deliveries",
            "delivery_attempts",
            "endpoint_health",
            "event_type_versions",
            "event_types",
            "event_waits",
            "events",
            "hook_health",
            "inbound_hooks",
            "log_heads",
            "migrations",
            "payload_uses",
            "payloads",
            "pins",
            "rejections",
            "replays",
            "runs",
            "signals",
            "steps",
            "triggers",
            "turns",
            "webhook_endpoints",
            "workflow_versions",
            "workflows",
            "workspaces",
        ]
    );
    store.close().await;
    Ok(())
}
