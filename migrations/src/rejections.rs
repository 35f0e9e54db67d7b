use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_20_000013_rejections", |manager| {
    let table = Table::create()
        .table("rejections")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("hook_id"))
        .col(text("reason"))
        .col(text("detail"))
        .col(big_integer("size"))
        .col(big_integer("received_at"))
        .foreign_key(&mut reference("rejections", "hook_id", "inbound_hooks"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("rejections", &["hook_id", "id"]))
        .await
});
