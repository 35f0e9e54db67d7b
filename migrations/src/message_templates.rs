use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000601_message_templates", |manager| {
    // Their sender is no foreign key: a resource that is deleted is one to fall back from.
    let table = Table::create()
        .table("message_templates")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("name"))
        .col(text("channel"))
        .col(text_null("subject"))
        .col(text_null("html_body"))
        .col(text_null("text_body"))
        .col(uuid_null("sender_id"))
        .col(text("description"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("deleted_at"))
        .col(big_integer("revision"))
        .foreign_key(&mut reference(
            "message_templates",
            "workspace_id",
            "workspaces",
        ))
        .to_owned();
    manager.create_table(table).await?;
    for columns in [
        ["workspace_id", "id"],
        ["workspace_id", "revision"],
        ["workspace_id", "sender_id"],
    ] {
        manager
            .create_index(index("message_templates", &columns))
            .await?;
    }
    manager
        .create_index(
            index("message_templates", &["workspace_id", "name"])
                .unique()
                .and_where(Expr::col("deleted_at").is_null())
                .take(),
        )
        .await
});
