//! What a poll has found, stored with where the next one goes on.

use super::{Writer, limited};
use crate::{
    Appended, StorageError,
    access::{Permit, PublishEvents},
    poll::{self, Found},
    trigger,
};

impl Writer {
    /// Stores what a poll has found, with the runs that it starts, what else its events start, and the cursor: all or nothing. None
    /// when the trigger is somebody else's by now, was published anew, or is gone.
    pub async fn append_found(
        &self,
        permit: &Permit<PublishEvents>,
        found: Found,
    ) -> Result<Option<Vec<Appended>>, StorageError> {
        let workspace = permit.workspace();
        let Found {
            poll,
            appends,
            cursor,
            due_at,
        } = found;
        let mut prepared = Vec::with_capacity(appends.len());
        for mut append in appends {
            let deliveries = self.prepare(workspace, &mut append).await?;
            prepared.push(self.limited(append, deliveries));
        }
        let stored = self.call_unscoped(move |call| {
            Box::pin(async move {
                if !poll::move_on(call, &poll, cursor, due_at).await? {
                    return Ok(None);
                }
                trigger::note_poll(call.db(), &poll, due_at, None).await?;
                let appended = limited::append_all(call, workspace, prepared).await?;
                appended.into_iter().collect::<Result<_, _>>().map(Some)
            })
        });
        let stored = stored.await;
        self.look();
        stored
    }
}
