use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

use crate::index;

crate::step!("2026_11_27_000202_deliveries", |manager| {
    let mut table = Table::create()
        .table("deliveries")
        .col(uuid("workspace_id"))
        .col(big_integer("position"))
        .col(uuid("id").unique_key())
        .col(uuid("event_id"))
        .col(uuid("endpoint_id"))
        .col(text("status"))
        .col(integer("attempts"))
        .col(text_null("queue"))
        .col(big_integer_null("due_at"))
        .col(big_integer_null("slot"))
        .col(text_null("lease_owner"))
        .col(big_integer("fence"))
        .col(integer("begun"))
        .col(boolean("manual"))
        .col(big_integer("created_at"))
        .col(big_integer_null("finished_at"))
        .col(big_integer_null("touched"))
        .primary_key(Index::create().col("workspace_id").col("position"))
        .to_owned();
    if manager.get_database_backend() == DbBackend::Sqlite {
        // As with events: the rows lie in the primary key itself, and new ones at its end.
        table.extra("WITHOUT ROWID");
    }
    manager.create_table(table).await?;
    manager
        .create_index(index("deliveries", &["endpoint_id", "position"]))
        .await?;
    // What is sent at once is written once and changed once. So these hold only the few rows that somebody looks for
    // there: what is not over, what did not succeed, what waits for its turn, and what changed otherwise than by being
    // tried.
    for (columns, which) in [
        (["due_at"].as_slice(), "due_at IS NOT NULL"),
        (
            &["workspace_id", "status", "position"],
            "status <> 'SUCCEEDED' AND status <> 'PENDING'",
        ),
        (&["queue", "position"], "queue IS NOT NULL"),
        (&["workspace_id", "touched"], "touched IS NOT NULL"),
    ] {
        manager
            .create_index(
                index("deliveries", columns)
                    .and_where(Expr::cust(which))
                    .take(),
            )
            .await?;
    }
    Ok(())
});
