use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000030_trigger_states", |manager| {
    for column in [
        text("config").default("{}").take(),
        big_integer_null("next_at"),
        text_null("error"),
        big_integer_null("error_at"),
    ] {
        let table = Table::alter()
            .table("triggers")
            .add_column(column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    manager
        .create_index(
            index("triggers", &["next_at"])
                .and_where(Expr::col("next_at").is_not_null())
                .take(),
        )
        .await
});
