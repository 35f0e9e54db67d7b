use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_20_000002_workspaces", |manager| {
    let table = Table::create()
        .table("workspaces")
        .col(pk_uuid("id"))
        .col(text("name").unique_key())
        .col(big_integer("created_at"))
        .to_owned();
    manager.create_table(table).await
});
