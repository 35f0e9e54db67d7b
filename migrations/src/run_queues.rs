use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_27_000040_run_queues", |manager| {
    // SQLite adds one column per statement. 1 is the normal priority.
    for column in [
        small_integer("priority").default(1).take(),
        small_integer_null("slot"),
        text_null("slot_group"),
        integer_null("slot_limit"),
    ] {
        let table = Table::alter().table("runs").add_column(column).to_owned();
        manager.alter_table(table).await?;
    }
    for column in [
        small_integer("priority").default(1).take(),
        text_null("concurrency"),
    ] {
        let table = Table::alter()
            .table("triggers")
            .add_column(column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    // What is claimed next is found per priority, so the index that knew no priority is of no use any more.
    let alone = Index::drop()
        .name("runs_by_due_at")
        .table("runs")
        .to_owned();
    manager.drop_index(alone).await?;
    manager
        .create_index(
            index("runs", &["priority", "due_at"])
                .and_where(Expr::col("due_at").is_not_null())
                .take(),
        )
        .await?;
    // Runs that are over have no slot, so counting those that hold one costs the same however long the history is.
    manager
        .create_index(
            index(
                "runs",
                &["workflow_id", "slot_group", "slot", "priority", "id"],
            )
            .name("runs_by_slot")
            .and_where(Expr::col("slot").is_not_null())
            .take(),
        )
        .await
});
