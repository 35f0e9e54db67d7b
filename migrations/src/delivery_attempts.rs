use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

use crate::index;

crate::step!("2026_11_27_000203_delivery_attempts", |manager| {
    let mut table = Table::create()
        .table("delivery_attempts")
        .col(uuid("workspace_id"))
        .col(big_integer("position"))
        .col(uuid("id"))
        .col(uuid("delivery_id"))
        .col(integer("number"))
        .col(text("cause"))
        .col(text("status"))
        .col(integer_null("status_code"))
        .col(big_integer("duration_ms"))
        .col(text("request_headers"))
        .col(text_null("response_body"))
        .col(text_null("error"))
        .col(big_integer("attempted_at"))
        .primary_key(Index::create().col("workspace_id").col("position"))
        .to_owned();
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    manager.create_table(table).await?;
    manager
        .create_index(
            index("delivery_attempts", &["delivery_id", "number"])
                .unique()
                .take(),
        )
        .await
});
