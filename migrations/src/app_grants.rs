use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000321_app_grants", |manager| {
    let grants = Table::create()
        .table("app_grants")
        .col(pk_uuid("app_id"))
        .col(uuid("workspace_id"))
        .col(binary("sealed"))
        .col(big_integer_null("expires_at"))
        .col(big_integer("generation"))
        .col(text_null("lease_owner"))
        .col(big_integer_null("lease_until"))
        .foreign_key(&mut reference("app_grants", "app_id", "connected_apps"))
        .to_owned();
    manager.create_table(grants).await?;
    let states = Table::create()
        .table("oauth_states")
        .col(binary("hash").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("app_id"))
        .col(binary("sealed_verifier"))
        .col(text("redirect_uri"))
        .col(text_null("return_to"))
        .col(text("started_by"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut reference("oauth_states", "app_id", "connected_apps"))
        .to_owned();
    manager.create_table(states).await?;
    manager
        .create_index(index("oauth_states", &["expires_at"]))
        .await
});
