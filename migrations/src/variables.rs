use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, reference};

crate::step!("2026_11_27_000301_variables", |manager| {
    let variables = Table::create()
        .table("variables")
        .col(pk_uuid("id"))
        .col(uuid("workspace_id"))
        .col(text("name").check(Expr::cust("length(name) BETWEEN 1 AND 100")))
        .col(text("value"))
        .col(text("description"))
        .col(integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(text("updated_by"))
        .col(big_integer("revision"))
        .foreign_key(&mut reference("variables", "workspace_id", "workspaces"))
        .to_owned();
    manager.create_table(variables).await?;
    manager
        .create_index(
            index("variables", &["workspace_id", "name"])
                .unique()
                .take(),
        )
        .await?;
    let versions = Table::create()
        .table("variable_versions")
        .col(uuid("variable_id"))
        .col(integer("number"))
        .col(uuid("workspace_id"))
        .col(text("value"))
        .col(big_integer("created_at"))
        .col(text("created_by"))
        .primary_key(Index::create().col("variable_id").col("number"))
        .foreign_key(&mut reference(
            "variable_versions",
            "variable_id",
            "variables",
        ))
        .to_owned();
    manager.create_table(versions).await
});
