use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_20_000040_test_runs", |manager| {
    // SQLite adds one column per statement.
    for (table, column) in [
        ("runs", boolean("is_test").default(false).take()),
        ("runs", text_null("pins")),
        ("steps", boolean("pinned").default(false).take()),
    ] {
        let table = Table::alter().table(table).add_column(column).to_owned();
        manager.alter_table(table).await?;
    }
    Ok(())
});
