use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000803_invitations", |manager| {
    let table = Table::create()
        .table("invitations")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("email"))
        .col(text("role"))
        .col(binary("token_hash").unique_key())
        .col(text("invited_by"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("accepted_at"))
        .col(big_integer_null("revoked_at"))
        .foreign_key(&mut reference("invitations", "workspace_id", "workspaces"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("invitations", &["workspace_id", "id"]))
        .await
});
