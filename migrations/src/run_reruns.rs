use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000030_run_reruns", |manager| {
    let table = Table::alter()
        .table("runs")
        .add_column(uuid_null("rerun_of"))
        .to_owned();
    manager.alter_table(table).await?;
    manager
        .create_index(
            index("runs", &["rerun_of"])
                .and_where(Expr::col("rerun_of").is_not_null())
                .take(),
        )
        .await
});
