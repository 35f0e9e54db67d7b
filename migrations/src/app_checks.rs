use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

/// The oldest app of each provider becomes its default.
const DEFAULTS: &str = "UPDATE connected_apps SET is_default = TRUE WHERE NOT EXISTS (\
     SELECT 1 FROM connected_apps AS older WHERE older.workspace_id = connected_apps.workspace_id \
     AND older.provider = connected_apps.provider AND older.id < connected_apps.id)";

crate::step!("2026_11_27_000311_app_checks", |manager| {
    for column in [
        boolean("is_default").default(false).take(),
        text("condition").default("CONNECTED").take(),
        big_integer_null("checked_at"),
        boolean_null("check_ok"),
        text_null("check_message"),
        big_integer("next_check_at").default(0).take(),
    ] {
        let table = Table::alter()
            .table("connected_apps")
            .add_column(column)
            .to_owned();
        manager.alter_table(table).await?;
    }
    manager
        .get_connection()
        .execute_unprepared(DEFAULTS)
        .await?;
    manager
        .create_index(
            index("connected_apps", &["workspace_id", "provider"])
                .unique()
                .and_where(Expr::col("is_default"))
                .take(),
        )
        .await?;
    manager
        .create_index(index("connected_apps", &["next_check_at"]))
        .await
});
