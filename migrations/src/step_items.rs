use sea_orm_migration::{prelude::*, schema::*};

crate::step!("2026_11_20_000021_step_items", |manager| {
    for column in [text_null("item_path"), text_null("plugin_sha256")] {
        let table = Table::alter().table("steps").add_column(column).to_owned();
        manager.alter_table(table).await?;
    }
    Ok(())
});
