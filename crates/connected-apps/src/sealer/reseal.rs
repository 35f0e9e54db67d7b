//! Another master key for what is sealed already.

use jackfield_storage::access::{ManageWorkspace, Permit};
use jackfield_storage::sealed::{self, SealedValue};
use jackfield_storage::{StorageError, Store, workspace};

use super::{SealError, Sealer, Subject};

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// How many values were sealed anew, or would have been.
    pub resealed: usize,
    /// How many were sealed with the current key already.
    pub current: usize,
    /// The ids of rows with values that none of the server's keys opens.
    pub unreadable: Vec<String>,
}

impl Sealer {
    /// Seals everything of the permit's workspace with the current master key. Meanwhile everything can be used and changed:
    /// what changes is sealed with the current key by whoever changes it. A dry run only looks.
    pub async fn reseal(
        &self,
        store: &Store,
        permit: &Permit<ManageWorkspace>,
        dry_run: bool,
    ) -> Result<Resealed, StorageError> {
        let mut outcome = Resealed::default();
        let mut changed = Vec::new();
        for value in sealed::find(store.reader(), permit).await? {
            if self.is_current(&value.blob) {
                outcome.current += 1;
                continue;
            }
            match self.seal_anew(permit, &value) {
                Ok(blob) => changed.push((value, blob)),
                Err(_) => outcome.unreadable.push(value.id),
            }
        }
        outcome.resealed = changed.len();
        if !changed.is_empty() && !dry_run {
            write(store, permit, changed).await?;
        }
        Ok(outcome)
    }

    fn seal_anew(
        &self,
        permit: &Permit<ManageWorkspace>,
        value: &SealedValue,
    ) -> Result<Vec<u8>, SealError> {
        let workspace = permit.workspace();
        let subject = match value.place.part {
            Some(part) => Subject::part(workspace, &value.id, part),
            None => Subject::new(workspace, &value.id),
        };
        let plain = self.open(&subject, &value.blob)?;
        self.seal(&subject, &plain)
    }
}

async fn write(
    store: &Store,
    permit: &Permit<ManageWorkspace>,
    changed: Vec<(SealedValue, Vec<u8>)>,
) -> Result<(), StorageError> {
    let allowed = permit.clone();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let workspace = workspace::find(call.db(), &allowed.read()).await?;
                if let Some(workspace) = workspace {
                    call.noted("resealed", &workspace);
                }
                for (value, blob) in changed {
                    sealed::replace(call, &allowed, &value, blob).await?;
                }
                Ok(())
            })
        })
        .await
}
