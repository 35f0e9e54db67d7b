use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000012_blobs", |manager| {
    let table = Table::create()
        .table("blobs")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid_null("run_id"))
        .col(text("content_type"))
        .col(big_integer("size"))
        .col(binary("sha256"))
        .col(binary("data"))
        .col(big_integer("created_at"))
        .to_owned();
    manager.create_table(table).await?;
    manager.create_index(index("blobs", &["run_id"])).await
});
