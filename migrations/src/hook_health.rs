use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_27_000803_hook_health", |manager| {
    let table = Table::create()
        .table("hook_health")
        .col(uuid("workspace_id"))
        .col(uuid("hook_id"))
        .col(big_integer("at"))
        .col(big_integer("accepted"))
        .col(big_integer("rejected"))
        .col(big_integer("duplicates"))
        .primary_key(Index::create().col("workspace_id").col("hook_id").col("at"))
        .to_owned();
    manager.create_table(table).await
});
