use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_001030_password_resets", |manager| {
    let table = Table::create()
        .table("password_resets")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("user_id"))
        .col(binary("token_hash").unique_key())
        .col(text("created_by"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut reference("password_resets", "user_id", "users"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("password_resets", &["user_id"]))
        .await
});
