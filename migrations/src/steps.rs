use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_20_000010_steps", |manager| {
    let table = Table::create()
        .table("steps")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("run_id"))
        .col(text("node_key"))
        .col(text("status"))
        .col(integer("attempt"))
        .col(text_null("input"))
        .col(text_null("output"))
        .col(text_null("error"))
        .col(text_null("port"))
        .col(big_integer("created_at"))
        .col(big_integer_null("started_at"))
        .col(big_integer_null("finished_at"))
        .col(big_integer_null("wake_at"))
        .col(big_integer("revision"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("steps", &["run_id", "id"]))
        .await
});
