use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_27_000206_workspace_retention", |manager| {
    for column in ["keep_events_days", "keep_deliveries_days"] {
        let table = Table::alter()
            .table("workspaces")
            .add_column(integer_null(column))
            .to_owned();
        manager.alter_table(table).await?;
    }
    Ok(())
});
