use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_27_000802_event_requests", |manager| {
    let table = Table::alter()
        .table("events")
        .add_column(text_null("request"))
        .to_owned();
    manager.alter_table(table).await?;
    // Events that did not come to a hook are not in it, and cost nothing.
    manager
        .create_index(
            index("events", &["hook_id", "id"])
                .and_where(Expr::col("hook_id").is_not_null())
                .take(),
        )
        .await
});
