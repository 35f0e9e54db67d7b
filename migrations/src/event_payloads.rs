use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_27_000102_event_payloads", |manager| {
    for column in [text_null("content_type"), binary_null("dedupe_hash")] {
        let table = Table::alter().table("events").add_column(column).to_owned();
        manager.alter_table(table).await?;
    }
    Ok(())
});
