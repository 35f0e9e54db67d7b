use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_20_000001_log_heads", |manager| {
    let table = Table::create()
        .table("log_heads")
        .col(integer("id").primary_key())
        .col(big_integer("position"))
        .to_owned();
    manager.create_table(table).await?;
    let row = Query::insert()
        .into_table("log_heads")
        .columns(["id", "position"])
        .values_panic([1.into(), 0_i64.into()])
        .to_owned();
    manager.execute(row).await
});
