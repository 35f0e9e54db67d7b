use std::sync::Arc;

use sea_orm::EntityTrait;

use super::{Entity, Variable};
use crate::{Call, Change, StorageError};

/// Removes a variable with its history.
pub async fn remove(call: &Call, row: Variable) -> Result<Variable, StorageError> {
    Entity::delete_by_id(row.id).exec(call.db()).await?;
    let position = call.next_position();
    call.publish(Change::Variable(position, Arc::new(row.clone())));
    call.deleted(&row);
    Ok(row)
}
