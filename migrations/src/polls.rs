use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_001020_polls", |manager| {
    let table = Table::create()
        .table("polls")
        .col(uuid("workflow_id"))
        .col(text("node_key"))
        .col(uuid("workspace_id"))
        .col(text("node_type"))
        .col(uuid_null("app_id"))
        .col(text_null("cursor"))
        .col(big_integer("interval"))
        .col(integer("failures"))
        .col(big_integer("due_at"))
        .col(big_integer("fence"))
        .primary_key(Index::create().col("workflow_id").col("node_key"))
        .foreign_key(&mut reference("polls", "workflow_id", "workflows"))
        .to_owned();
    manager.create_table(table).await?;
    manager.create_index(index("polls", &["due_at"])).await
});
