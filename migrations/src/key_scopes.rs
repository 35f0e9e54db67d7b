use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_27_000801_key_scopes", |manager| {
    for column in [
        text_null("integration"),
        text_null("scopes"),
        binary_null("previous_hash"),
        big_integer_null("previous_until"),
        big_integer_null("rotated_at"),
    ] {
        let table = Table::alter()
            .table("api_keys")
            .add_column(column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    manager
        .create_index(
            index("api_keys", &["previous_hash"])
                .unique()
                .and_where(Expr::col("previous_hash").is_not_null())
                .take(),
        )
        .await
});
