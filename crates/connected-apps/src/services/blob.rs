//! Large and binary answers, kept with the run whose step got them.

use aws_lc_rs::digest;
use bytes::Bytes;
use jackfield_plugin_host::{
    BlobPart,
    messages::{BlobRef, CallError},
};
use jackfield_storage::{
    StorageError,
    access::{Permit, Read, StartRuns},
    blob::{self, Blob},
    ids::BlobId,
};
use sea_orm::{EntityTrait, IntoActiveModel};

use super::{PART, StepServices};
use crate::code;

impl StepServices {
    pub(super) async fn put_blob(
        &self,
        bytes: Bytes,
        content_type: &str,
    ) -> Result<BlobRef, CallError> {
        let Some(run) = self.run else {
            let message = "the answer is too large or no text, and outside of a run there is nothing to keep it with";
            return Err(CallError::new(code::BLOB_UNAVAILABLE, message));
        };
        let sha256 = digest::digest(&digest::SHA256, &bytes);
        let blob = Blob {
            id: self.store().clock().id(),
            workspace_id: self.workspace,
            run_id: Some(run),
            content_type: content_type.to_owned(),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            sha256: sha256.as_ref().to_vec(),
            data: bytes.to_vec(),
            created_at: self.store().clock().now(),
        };
        let reference = BlobRef {
            id: blob.id.to_string(),
            size: bytes.len() as u64,
            content_type: blob.content_type.clone(),
            sha256: hex::encode(&blob.sha256),
        };
        let permit = Permit::<StartRuns>::system(self.workspace, PART);
        let insert = self.store().writer().call(&permit, |call| {
            Box::pin(async move {
                let insert = blob::Entity::insert(blob.into_active_model());
                insert
                    .exec_without_returning(call.db())
                    .await
                    .map_err(StorageError::from)
            })
        });
        match insert.await {
            Ok(_) => Ok(reference),
            Err(error) => Err(self.storage_failed("the response could not be stored", &error)),
        }
    }

    pub(super) async fn part_of_blob(
        &self,
        id: &str,
        offset: u64,
        len: u64,
    ) -> Result<BlobPart, CallError> {
        let absent =
            || CallError::new(code::BLOB_NOT_FOUND, format!("this run has no blob `{id}`"));
        let id: BlobId = id.parse().map_err(|_| absent())?;
        let permit = Permit::<Read>::system(self.workspace, PART);
        let found = blob::find(self.store().reader(), &permit, id).await;
        let found =
            found.map_err(|error| self.storage_failed("the blob could not be read", &error))?;
        let blob = found
            .filter(|blob| blob.run_id.is_some() && blob.run_id == self.run)
            .ok_or_else(absent)?;

        let size = blob.data.len();
        let at = |position: u64| usize::try_from(position).unwrap_or(size).min(size);
        let range = at(offset)..at(offset.saturating_add(len));
        Ok(BlobPart {
            bytes: Bytes::from(blob.data).slice(range),
            size: size as u64,
            content_type: blob.content_type,
        })
    }

    fn storage_failed(&self, what: &str, error: &StorageError) -> CallError {
        tracing::error!(%error, run = ?self.run, "{what}");
        CallError::new(code::BLOB_UNAVAILABLE, what).retryable()
    }
}
