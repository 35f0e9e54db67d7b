use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jackfield_storage::access::{Actor, Principal};
use jackfield_storage::ids::WorkspaceId;
use parking_lot::Mutex;

/// How many sockets one principal may have open on this node.
const LIMIT: usize = 1_000;

type Owner = (WorkspaceId, Actor);

/// How many sockets each principal has open. Clones share it.
#[derive(Clone, Default)]
pub struct Sockets(Arc<Mutex<HashMap<Owner, usize>>>);

/// A socket that is open. It is counted until this is dropped.
pub struct OpenSocket {
    sockets: Sockets,
    owner: Owner,
}

impl Sockets {
    /// Counts one more; none when the principal has as many as it may have.
    pub fn open(&self, principal: &Principal) -> Option<OpenSocket> {
        let owner = (principal.workspace, principal.actor.clone());
        let mut counts = self.0.lock();
        let count = counts.entry(owner.clone()).or_default();
        if *count >= LIMIT {
            return None;
        }
        *count += 1;
        let sockets = self.clone();
        Some(OpenSocket { sockets, owner })
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        let mut counts = self.sockets.0.lock();
        if let Entry::Occupied(mut count) = counts.entry(self.owner.clone()) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
