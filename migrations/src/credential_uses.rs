use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_27_001010_credential_uses", |manager| {
    let table = Table::create()
        .table("credential_uses")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("app_id"))
        .col(text("purpose"))
        .col(uuid_null("workflow_id"))
        .col(uuid_null("run_id"))
        .col(text_null("node_key"))
        .col(text_null("item_path"))
        .col(integer_null("attempt"))
        .col(big_integer("at"))
        .col(text_null("hosts"))
        .col(integer_null("requests"))
        .col(integer_null("reads"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("credential_uses", &["app_id", "id"]))
        .await
});
