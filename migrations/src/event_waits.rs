use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000023_event_waits", |manager| {
    let table = Table::create()
        .table("event_waits")
        .col(pk_uuid("step_id"))
        .col(uuid("run_id"))
        .col(uuid("workspace_id"))
        .col(text("event_type"))
        .col(text_null("match_path"))
        .col(text_null("match_value"))
        .col(big_integer("since"))
        .col(big_integer_null("hint"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("event_waits", &["run_id"]))
        .await?;
    manager
        .create_index(index(
            "event_waits",
            &["workspace_id", "event_type", "match_value"],
        ))
        .await
});
