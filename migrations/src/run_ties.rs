use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000020_run_ties", |manager| {
    // SQLite adds one column per statement.
    for column in [
        uuid_null("parent_run_id"),
        uuid_null("parent_step_id"),
        integer("depth").default(0).take(),
        big_integer("signal").default(0).take(),
        integer("recoveries").default(0).take(),
    ] {
        let table = Table::alter().table("runs").add_column(column).to_owned();
        manager.alter_table(table).await?;
    }
    manager
        .create_index(
            index("runs", &["parent_run_id"])
                .and_where(Expr::col("parent_run_id").is_not_null())
                .take(),
        )
        .await
});
