use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

use crate::index;

crate::step!("2026_11_20_000008_events", |manager| {
    let mut table = Table::create()
        .table("events")
        .col(uuid("workspace_id"))
        .col(big_integer("position"))
        .col(uuid("id").unique_key())
        .col(text("type").check(Expr::cust("length(type) BETWEEN 1 AND 200")))
        .col(text("source"))
        .col(text("data"))
        .col(uuid_null("hook_id"))
        .col(text_null("dedupe_key"))
        .col(big_integer("occurred_at"))
        .col(big_integer("created_at"))
        .primary_key(Index::create().col("workspace_id").col("position"))
        .to_owned();
    if manager.get_database_backend() == DbBackend::Sqlite {
        // One tree less to write for each event: the rows lie in the primary key itself.
        table.extra("WITHOUT ROWID");
    }
    manager.create_table(table).await?;
    manager
        .create_index(
            index("events", &["workspace_id", "dedupe_key"])
                .unique()
                .and_where(Expr::col("dedupe_key").is_not_null())
                .take(),
        )
        .await
});
