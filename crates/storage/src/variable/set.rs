use std::sync::Arc;

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Entity, Variable};
use crate::{
    Call, Change, StorageError,
    variable_version::{self, VariableVersion},
};

/// How many of a variable's values are kept, the present one included.
pub const KEPT_VERSIONS: i32 = 100;

/// Writes a variable in place of `before`, or as a new one, and its value into the history if that is another.
pub async fn set(
    call: &Call,
    before: Option<&Variable>,
    mut row: Variable,
) -> Result<Variable, StorageError> {
    row.revision = call.next_position();
    row.updated_at = call.now();
    let is_other = before.is_none_or(|before| before.value != row.value);
    row.version = before.map_or(0, |before| before.version) + i32::from(is_other);
    let written = row.clone().into_active_model();
    match before {
        Some(_) => {
            Entity::update(written.reset_all()).exec(call.db()).await?;
        }
        None => {
            Entity::insert(written)
                .exec_without_returning(call.db())
                .await?;
        }
    }
    if is_other {
        remember(call, &row).await?;
    }
    call.publish(Change::Variable(row.revision, Arc::new(row.clone())));
    match before {
        Some(before) => call.updated(before, &row),
        None => call.created(&row),
    }
    Ok(row)
}

async fn remember(call: &Call, row: &Variable) -> Result<(), StorageError> {
    let version = VariableVersion {
        variable_id: row.id,
        number: row.version,
        workspace_id: row.workspace_id,
        value: row.value.clone(),
        created_at: row.updated_at,
        created_by: row.updated_by.clone(),
    };
    variable_version::Entity::insert(version.into_active_model())
        .exec_without_returning(call.db())
        .await?;
    variable_version::Entity::delete_many()
        .filter(variable_version::Column::VariableId.eq(row.id))
        .filter(variable_version::Column::Number.lte(row.version - KEPT_VERSIONS))
        .exec(call.db())
        .await?;
    Ok(())
}
