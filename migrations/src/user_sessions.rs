use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000804_user_sessions", |manager| {
    let table = Table::create()
        .table("user_sessions")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(uuid("user_id"))
        .col(binary("family_hash"))
        .col(binary("refresh_hash"))
        .col(big_integer("created_at"))
        .col(big_integer("refreshed_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("ended_at"))
        .foreign_key(&mut reference("user_sessions", "user_id", "users"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("user_sessions", &["user_id"]))
        .await?;
    manager
        .create_index(index("user_sessions", &["expires_at"]))
        .await
});
