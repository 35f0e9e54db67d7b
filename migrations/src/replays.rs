use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000205_replays", |manager| {
    let table = Table::create()
        .table("replays")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("endpoint_id"))
        .col(text("status"))
        .col(text("scope"))
        .col(text("event_types"))
        .col(big_integer_null("since"))
        .col(big_integer_null("until"))
        .col(big_integer("position"))
        .col(big_integer("last"))
        .col(big_integer("total"))
        .col(big_integer("looked_at"))
        .col(big_integer("sent"))
        .col(big_integer("created_at"))
        .col(big_integer_null("finished_at"))
        .foreign_key(&mut reference("replays", "workspace_id", "workspaces"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("replays", &["workspace_id", "id"]))
        .await?;
    manager
        .create_index(
            index("replays", &["status"])
                .and_where(Expr::cust("status = 'RUNNING'"))
                .take(),
        )
        .await
});
