use std::sync::Arc;

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{Entity, InboundHook};
use crate::{Call, Change, Clock, StorageError};

/// How many random bytes a token has.
const TOKEN_BYTES: usize = 20;

/// A new token: the last part of an address, unguessable.
pub fn new_token(clock: &Clock) -> String {
    let mut token = [0; TOKEN_BYTES];
    clock.random(&mut token);
    hex::encode(token)
}

/// Stores a new hook and tells of it.
pub async fn insert(call: &Call, mut hook: InboundHook) -> Result<InboundHook, StorageError> {
    hook.revision = call.next_position();
    Entity::insert(hook.clone().into_active_model())
        .exec_without_returning(call.db())
        .await?;
    call.publish(Change::InboundHook(Arc::new(hook.clone())));
    call.created(&hook);
    Ok(hook)
}

/// Stores a hook as it is now and tells of it.
pub async fn change(call: &Call, mut hook: InboundHook) -> Result<InboundHook, StorageError> {
    hook.revision = call.next_position();
    let before = Entity::find_by_id(hook.id).one(call.db()).await?;
    let row = hook.clone().into_active_model().reset_all();
    row.update(call.db()).await?;
    call.publish(Change::InboundHook(Arc::new(hook.clone())));
    if let Some(before) = before {
        call.updated(&before, &hook);
    }
    Ok(hook)
}

/// Tells of a hook that goes with what it belongs to.
pub fn removed(call: &Call, mut hook: InboundHook) {
    hook.revision = call.next_position();
    call.publish(Change::InboundHook(Arc::new(hook)));
}
