use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_20_000005_workflow_versions", |manager| {
    let table = Table::create()
        .table("workflow_versions")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("workflow_id"))
        .col(integer("number"))
        .col(text("definition"))
        .col(big_integer("created_at"))
        .col(big_integer_null("published_at"))
        .foreign_key(&mut reference(
            "workflow_versions",
            "workflow_id",
            "workflows",
        ))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(
            index("workflow_versions", &["workflow_id", "number"])
                .unique()
                .take(),
        )
        .await
});
