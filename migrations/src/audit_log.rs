use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_27_000805_audit_log", |manager| {
    let table = Table::create()
        .table("audit_log")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("actor"))
        .col(text("action"))
        .col(text("entity"))
        .col(text("entity_id"))
        .col(text_null("before"))
        .col(text_null("after"))
        .col(big_integer("at"))
        .to_owned();
    manager.create_table(table).await?;
    for columns in [
        ["workspace_id", "id"].as_slice(),
        &["workspace_id", "entity_id", "id"],
        &["workspace_id", "actor", "id"],
    ] {
        manager.create_index(index("audit_log", columns)).await?;
    }
    Ok(())
});
