use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_20_000007_triggers", |manager| {
    let table = Table::create()
        .table("triggers")
        .col(uuid("workflow_id"))
        .col(text("node_key"))
        .col(uuid("workspace_id"))
        .col(uuid("workflow_version_id"))
        .col(text("kind"))
        .col(uuid_null("hook_id"))
        .col(text_null("match_key"))
        .primary_key(Index::create().col("workflow_id").col("node_key"))
        .foreign_key(&mut reference("triggers", "workflow_id", "workflows"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("triggers", &["hook_id"]))
        .await?;
    manager
        .create_index(index("triggers", &["workspace_id", "kind", "match_key"]))
        .await
});
