use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Column, Entity, Poll};
use crate::{
    Call, StorageError,
    access::{EditWorkflows, Permit},
    ids::WorkflowId,
};

/// Makes `polls` all that the workflow has: none when it is unpublished. One that was there with the same type of node and the same
/// app goes on where it is; the fence counts on, so that nothing is stored of what is under way.
pub async fn replace(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    workflow: WorkflowId,
    mut polls: Vec<Poll>,
) -> Result<(), StorageError> {
    let of_workflow = Condition::all()
        .add(Column::WorkspaceId.eq(permit.workspace()))
        .add(Column::WorkflowId.eq(workflow));
    let before = Entity::find()
        .filter(of_workflow.clone())
        .all(call.db())
        .await?;
    let mut before: HashMap<String, Poll> = before
        .into_iter()
        .map(|poll| (poll.node_key.clone(), poll))
        .collect();
    for poll in &mut polls {
        let Some(earlier) = before.remove(&poll.node_key) else {
            continue;
        };
        poll.fence = poll.fence.max(earlier.fence + 1);
        let same = (&earlier.node_type, earlier.app_id) == (&poll.node_type, poll.app_id);
        poll.cursor = earlier.cursor.filter(|_| same);
    }
    Entity::delete_many()
        .filter(of_workflow)
        .exec(call.db())
        .await?;
    if !polls.is_empty() {
        Entity::insert_many(polls.into_iter().map(IntoActiveModel::into_active_model))
            .exec(call.db())
            .await?;
    }
    Ok(())
}
