use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000201_webhook_endpoints", |manager| {
    let table = Table::create()
        .table("webhook_endpoints")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("name"))
        .col(text("url"))
        .col(text("description"))
        .col(boolean("active"))
        .col(text("event_types"))
        .col(text("header_names"))
        .col(binary_null("sealed_headers"))
        .col(text_null("authentication"))
        .col(binary_null("sealed_authentication"))
        .col(text("algorithm"))
        .col(text("header_style"))
        .col(integer_null("rate_limit"))
        .col(big_integer("timeout_ms"))
        .col(text("ordering"))
        .col(text_null("ordering_path"))
        .col(text_null("filter"))
        .col(text_null("transformation"))
        .col(binary("sealed"))
        .col(text_null("disabled_reason"))
        .col(big_integer_null("failing_since"))
        .col(big_integer("next_slot"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("deleted_at"))
        .col(big_integer("revision"))
        .foreign_key(&mut reference(
            "webhook_endpoints",
            "workspace_id",
            "workspaces",
        ))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("webhook_endpoints", &["workspace_id", "id"]))
        .await
});
