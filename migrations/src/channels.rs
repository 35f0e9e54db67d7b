use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_27_000601_channels", |manager| {
    for name in ["events", "webhook_endpoints"] {
        let table = Table::alter()
            .table(name)
            .add_column(text_null("channels"))
            .to_owned();
        manager.alter_table(table).await?;
    }
    Ok(())
});
