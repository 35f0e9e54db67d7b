use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000312_resources", |manager| {
    // Their app is no foreign key: what is deleted stays, so that followers learn of it, also after its app is gone.
    let table = Table::create()
        .table("resources")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("app_id"))
        .col(text("provider"))
        .col(text("resource_type"))
        .col(text("value"))
        .col(text_null("label"))
        .col(boolean("is_default"))
        .col(text("status"))
        .col(text_null("message"))
        .col(big_integer_null("status_since"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("deleted_at"))
        .col(big_integer("revision"))
        .foreign_key(&mut reference("resources", "workspace_id", "workspaces"))
        .to_owned();
    manager.create_table(table).await?;
    for columns in [["workspace_id", "id"], ["workspace_id", "revision"]] {
        manager.create_index(index("resources", &columns)).await?;
    }
    let present = || Expr::col("deleted_at").is_null();
    manager
        .create_index(
            index("resources", &["app_id", "resource_type", "value"])
                .unique()
                .and_where(present())
                .take(),
        )
        .await?;
    manager
        .create_index(
            index("resources", &["app_id", "resource_type"])
                .unique()
                .and_where(Expr::col("is_default").and(present()))
                .take(),
        )
        .await
});
