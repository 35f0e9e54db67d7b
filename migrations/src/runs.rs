use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000009_runs", |manager| {
    let table = Table::create()
        .table("runs")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("workflow_id"))
        .col(uuid("workflow_version_id"))
        .col(uuid_null("event_id"))
        .col(text("trigger_key"))
        .col(text_null("idempotency_key"))
        .col(text("status"))
        .col(text("input"))
        .col(text_null("output"))
        .col(text_null("error"))
        .col(big_integer("created_at"))
        .col(big_integer_null("started_at"))
        .col(big_integer_null("finished_at"))
        .col(big_integer_null("due_at"))
        .col(text_null("lease_owner"))
        .col(big_integer("fence"))
        .col(big_integer("revision"))
        .to_owned();
    manager.create_table(table).await?;
    for columns in [
        ["workspace_id", "id"].as_slice(),
        &["workspace_id", "status", "id"],
        &["workflow_id", "id"],
    ] {
        manager.create_index(index("runs", columns)).await?;
    }
    manager
        .create_index(
            index("runs", &["workspace_id", "idempotency_key"])
                .unique()
                .and_where(Expr::col("idempotency_key").is_not_null())
                .take(),
        )
        .await?;
    // Finished runs are not in it, so that claiming costs the same however many there are.
    manager
        .create_index(
            index("runs", &["due_at"])
                .and_where(Expr::col("due_at").is_not_null())
                .take(),
        )
        .await
});
