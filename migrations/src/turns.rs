use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_20_000024_turns", |manager| {
    let table = Table::create()
        .table("turns")
        .col(uuid("step_id"))
        .col(integer("number"))
        .col(uuid("workspace_id"))
        .col(uuid("run_id"))
        .col(binary("asked"))
        .col(binary("frame"))
        .primary_key(Index::create().col("step_id").col("number"))
        .to_owned();
    manager.create_table(table).await
});
