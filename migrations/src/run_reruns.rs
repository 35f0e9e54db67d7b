use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000030_run_reruns", |manager| {
    // SQLite adds one column per statement.
    for column in [uuid_null("rerun_of"), boolean("test").default(false).take()] {
        let table = Table::alter().table("runs").add_column(column).to_owned();
        manager.alter_table(table).await?;
    }
    manager
        .create_index(
            index("runs", &["rerun_of"])
                .and_where(Expr::col("rerun_of").is_not_null())
                .take(),
        )
        .await
});
