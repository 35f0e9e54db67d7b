use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

crate::step!("2026_11_27_001040_sign_in_failures", |manager| {
    let table = Table::create()
        .table("sign_in_failures")
        .col(binary("key").primary_key())
        .col(big_integer("forgotten_at"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index("sign_in_failures", &["forgotten_at"]))
        .await
});
