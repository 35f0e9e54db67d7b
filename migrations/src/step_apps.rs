use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_28_000101_step_apps", |manager| {
    let table = Table::alter()
        .table("steps")
        .add_column(uuid_null("connected_app_id"))
        .to_owned();
    manager.alter_table(table).await
});
