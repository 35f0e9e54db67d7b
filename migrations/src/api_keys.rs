use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_20_000003_api_keys", |manager| {
    let mut table = Table::create()
        .table("api_keys")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("name"))
        .col(text("role"))
        .col(text("prefix"))
        .col(binary("hash").unique_key())
        .col(big_integer("created_at"))
        .col(big_integer_null("last_used_at"))
        .col(big_integer_null("expires_at"))
        .col(big_integer_null("revoked_at"))
        .foreign_key(&mut reference("api_keys", "workspace_id", "workspaces"))
        .to_owned();
    manager.create_table(table.take()).await?;
    manager
        .create_index(index("api_keys", &["workspace_id", "id"]))
        .await
});
