//! Hooks of connected apps beside those of workflows, and traces of repeats beside those of refusals.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

use crate::{index, reference};

crate::step!("2026_11_27_000801_app_hooks", |manager| {
    if manager.get_database_backend() == DbBackend::Sqlite {
        rebuild(manager).await?;
    } else {
        loosen(manager).await?;
    }
    let indices = [
        index("inbound_hooks", &["workflow_id", "node_key"]),
        index("inbound_hooks", &["connected_app_id"]),
        index("inbound_hooks", &["previous_token"]),
    ];
    for mut index in indices {
        manager.create_index(index.unique().take()).await?;
    }
    manager
        .create_index(index("rejections", &["hook_id", "id"]))
        .await
});

fn hook_columns() -> [ColumnDef; 4] {
    [
        uuid_null("connected_app_id"),
        text_null("previous_token"),
        big_integer_null("previous_token_until"),
        big_integer("revision").default(0).take(),
    ]
}

fn trace_columns() -> [ColumnDef; 3] {
    [
        text("verdict").default("REJECTED").take(),
        integer_null("status"),
        uuid_null("event_id"),
    ]
}

async fn loosen(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for statement in [
        "ALTER TABLE inbound_hooks ALTER COLUMN workflow_id DROP NOT NULL",
        "ALTER TABLE inbound_hooks ALTER COLUMN node_key DROP NOT NULL",
        "DROP INDEX inbound_hooks_by_workflow_id_node_key",
        "DROP INDEX rejections_by_hook_id_id",
    ] {
        db.execute_unprepared(statement).await?;
    }
    for mut column in hook_columns() {
        let table = Table::alter()
            .table("inbound_hooks")
            .add_column(&mut column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    let key = reference("inbound_hooks", "connected_app_id", "connected_apps");
    manager.create_foreign_key(key).await?;
    for mut column in trace_columns() {
        let table = Table::alter()
            .table("rejections")
            .add_column(&mut column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    Ok(())
}

/// SQLite cannot take a NOT NULL away. The traces move first: they refer to the old table, and would go with it.
async fn rebuild(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut hooks = Table::create()
        .table("new_hooks")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid_null("workflow_id"))
        .col(text_null("node_key"))
        .col(text("token").unique_key())
        .col(text("config"))
        .col(binary_null("sealed_secret"))
        .col(boolean("active"))
        .col(big_integer("created_at"))
        .foreign_key(&mut reference("new_hooks", "workflow_id", "workflows"))
        .foreign_key(&mut reference(
            "new_hooks",
            "connected_app_id",
            "connected_apps",
        ))
        .to_owned();
    for mut column in hook_columns() {
        hooks.col(&mut column);
    }
    manager.create_table(hooks).await?;
    let mut traces = Table::create()
        .table("new_rejections")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("hook_id"))
        .col(text("reason"))
        .col(text("detail"))
        .col(big_integer("size"))
        .col(big_integer("received_at"))
        .foreign_key(&mut reference("new_rejections", "hook_id", "new_hooks"))
        .to_owned();
    for mut column in trace_columns() {
        traces.col(&mut column);
    }
    manager.create_table(traces).await?;
    let hook =
        "id, workspace_id, workflow_id, node_key, token, config, sealed_secret, active, created_at";
    let trace = "id, workspace_id, hook_id, reason, detail, size, received_at";
    for statement in [
        format!("INSERT INTO new_hooks ({hook}) SELECT {hook} FROM inbound_hooks"),
        format!("INSERT INTO new_rejections ({trace}) SELECT {trace} FROM rejections"),
        "DROP TABLE rejections".to_owned(),
        "DROP TABLE inbound_hooks".to_owned(),
        "ALTER TABLE new_hooks RENAME TO inbound_hooks".to_owned(),
        "ALTER TABLE new_rejections RENAME TO rejections".to_owned(),
    ] {
        manager
            .get_connection()
            .execute_unprepared(&statement)
            .await?;
    }
    Ok(())
}
