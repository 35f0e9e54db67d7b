use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_27_000103_workspace_rules", |manager| {
    for column in [
        text("schema_mismatch").default("REJECT").take(),
        text("unknown_event_types").default("ACCEPT").take(),
        big_integer("revision").default(0).take(),
    ] {
        let table = Table::alter()
            .table("workspaces")
            .add_column(column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    Ok(())
});
