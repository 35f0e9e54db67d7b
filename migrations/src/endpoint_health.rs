use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_27_000204_endpoint_health", |manager| {
    let table = Table::create()
        .table("endpoint_health")
        .col(uuid("workspace_id"))
        .col(uuid("endpoint_id"))
        .col(big_integer("at"))
        .col(boolean("succeeded"))
        .col(integer("duration"))
        .col(big_integer("count"))
        .primary_key(
            Index::create()
                .col("workspace_id")
                .col("endpoint_id")
                .col("at")
                .col("succeeded")
                .col("duration"),
        )
        .to_owned();
    manager.create_table(table).await
});
