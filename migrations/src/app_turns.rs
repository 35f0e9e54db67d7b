use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000120_app_turns", |manager| {
    for column in [
        integer_null("rate_requests"),
        big_integer_null("rate_per"),
        integer_null("rate_burst"),
    ] {
        let table = Table::alter()
            .table("connected_apps")
            .add_column(column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    let table = Table::create()
        .table("app_turns")
        .col(pk_uuid("app_id"))
        .col(uuid("workspace_id"))
        .col(big_integer("next_at"))
        .col(big_integer_null("held_until"))
        .foreign_key(&mut reference("app_turns", "app_id", "connected_apps"))
        .to_owned();
    manager.create_table(table).await?;
    let table = Table::alter()
        .table("steps")
        .add_column(uuid_null("turn_of"))
        .to_owned();
    manager.alter_table(table).await?;
    manager
        .create_index(
            index("steps", &["turn_of"])
                .and_where(Expr::col("turn_of").is_not_null())
                .take(),
        )
        .await
});
