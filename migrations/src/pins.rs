use sea_orm_migration::{prelude::*, schema::*};

use crate::reference;

crate::step!("2026_11_20_000041_pins", |manager| {
    let table = Table::create()
        .table("pins")
        .col(uuid("workflow_id"))
        .col(text("node_key"))
        .col(uuid("workspace_id"))
        .col(text("output"))
        .col(text("port"))
        .col(big_integer("created_at"))
        .primary_key(Index::create().col("workflow_id").col("node_key"))
        .foreign_key(&mut reference("pins", "workflow_id", "workflows"))
        .to_owned();
    manager.create_table(table).await
});
