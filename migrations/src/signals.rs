use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000022_signals", |manager| {
    let table = Table::create()
        .table("signals")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("run_id"))
        .col(uuid_null("step_id"))
        .col(text("kind"))
        .col(text("body"))
        .col(big_integer("created_at"))
        .to_owned();
    manager.create_table(table).await?;
    manager.create_index(index("signals", &["run_id"])).await?;
    manager
        .create_index(
            index("signals", &["step_id", "kind"])
                .unique()
                .and_where(Expr::col("step_id").is_not_null())
                .take(),
        )
        .await
});
