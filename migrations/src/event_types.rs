use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000101_event_types", |manager| {
    let types = Table::create()
        .table("event_types")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("name").check(Expr::cust("length(name) BETWEEN 1 AND 200")))
        .col(text("category"))
        .col(text("description"))
        .col(integer("version"))
        .col(text_null("schema"))
        .col(text_null("example"))
        .col(big_integer_null("archived_at"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer("revision"))
        .foreign_key(&mut reference("event_types", "workspace_id", "workspaces"))
        .to_owned();
    manager.create_table(types).await?;
    manager
        .create_index(
            index("event_types", &["workspace_id", "name"])
                .unique()
                .take(),
        )
        .await?;
    let versions = Table::create()
        .table("event_type_versions")
        .col(uuid("event_type_id"))
        .col(integer("number"))
        .col(uuid("workspace_id"))
        .col(text_null("schema"))
        .col(big_integer("created_at"))
        .primary_key(Index::create().col("event_type_id").col("number"))
        .foreign_key(&mut reference(
            "event_type_versions",
            "event_type_id",
            "event_types",
        ))
        .to_owned();
    manager.create_table(versions).await
});
