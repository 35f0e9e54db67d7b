use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000802_users", |manager| {
    let users = Table::create()
        .table("users")
        .col(pk_uuid("id"))
        .col(text("email").unique_key())
        .col(text("name"))
        .col(text("password_hash"))
        .col(big_integer("password_changed_at"))
        .col(big_integer("created_at"))
        .to_owned();
    manager.create_table(users).await?;
    let memberships = Table::create()
        .table("memberships")
        .col(uuid("workspace_id"))
        .col(uuid("user_id"))
        .col(text("role"))
        .col(big_integer("created_at"))
        .col(big_integer_null("deactivated_at"))
        .primary_key(Index::create().col("workspace_id").col("user_id"))
        .foreign_key(&mut reference("memberships", "workspace_id", "workspaces"))
        .foreign_key(&mut reference("memberships", "user_id", "users"))
        .to_owned();
    manager.create_table(memberships).await?;
    manager
        .create_index(index("memberships", &["user_id"]))
        .await
});
