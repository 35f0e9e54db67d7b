use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_20_000011_connected_apps", |manager| {
    let table = Table::create()
        .table("connected_apps")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("provider"))
        .col(text("name"))
        .col(boolean("active"))
        .col(binary("sealed"))
        .col(text("masked"))
        .col(text("settings"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer("revision"))
        .foreign_key(&mut reference(
            "connected_apps",
            "workspace_id",
            "workspaces",
        ))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("connected_apps", &["workspace_id", "id"]))
        .await
});
