use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_27_000121_payloads", |manager| {
    let payloads = Table::create()
        .table("payloads")
        .col(uuid("workspace_id"))
        .col(binary("sha256"))
        .col(text("text"))
        .primary_key(Index::create().col("workspace_id").col("sha256"))
        .to_owned();
    manager.create_table(payloads).await?;
    let uses = Table::create()
        .table("payload_uses")
        .col(uuid("owner"))
        .col(binary("sha256"))
        .col(uuid("workspace_id"))
        .primary_key(Index::create().col("owner").col("sha256"))
        .to_owned();
    manager.create_table(uses).await?;
    manager
        .create_index(index("payload_uses", &["workspace_id", "sha256"]))
        .await
});
