use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_20_000006_inbound_hooks", |manager| {
    let table = Table::create()
        .table("inbound_hooks")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("workflow_id"))
        .col(text("node_key"))
        .col(text("token").unique_key())
        .col(text("config"))
        .col(binary_null("sealed_secret"))
        .col(boolean("active"))
        .col(big_integer("created_at"))
        .foreign_key(&mut reference("inbound_hooks", "workflow_id", "workflows"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(
            index("inbound_hooks", &["workflow_id", "node_key"])
                .unique()
                .take(),
        )
        .await
});
