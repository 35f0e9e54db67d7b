use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_20_000004_workflows", |manager| {
    let table = Table::create()
        .table("workflows")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("name"))
        .col(uuid_null("draft_version_id"))
        .col(uuid_null("published_version_id"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("deleted_at"))
        .col(big_integer("revision"))
        .foreign_key(&mut reference("workflows", "workspace_id", "workspaces"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("workflows", &["workspace_id", "id"]))
        .await?;
    manager
        .create_index(index("workflows", &["workspace_id", "revision"]))
        .await
});
