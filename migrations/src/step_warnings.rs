use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_27_000313_step_warnings", |manager| {
    let table = Table::alter()
        .table("steps")
        .add_column(text_null("warnings"))
        .to_owned();
    manager.alter_table(table).await
});
