use std::time::Duration;

use jackfield_storage::{
    access::{ManageApps, Permit},
    ids::InboundHookId,
    inbound_hook::{self, InboundHook},
};

use super::HookError;
use crate::inbound::Inbound;

impl Inbound {
    /// Gives a hook a new URL. The one before is good for as long as `overlap` says; one that was replaced earlier is not good
    /// any more, whatever was said then.
    pub async fn rotate_hook_token(
        &self,
        permit: &Permit<ManageApps>,
        id: InboundHookId,
        overlap: Duration,
    ) -> Result<InboundHook, HookError> {
        let read = permit.read();
        let token = inbound_hook::new_token(self.store.clock());
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = inbound_hook::find(call.db(), &read, id).await?;
                    let mut hook = found.ok_or(HookError::NotFound)?;
                    let before = std::mem::replace(&mut hook.token, token);
                    let lasts = !overlap.is_zero();
                    hook.previous_token = lasts.then_some(before);
                    hook.previous_token_until = lasts.then(|| call.now().after(overlap));
                    Ok(inbound_hook::change(call, hook).await?)
                })
            })
            .await
    }
}
