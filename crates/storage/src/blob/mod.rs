//! Bytes that are too large for a row of their own kind, or that are not text.

mod find;

pub use find::find;

use aws_lc_rs::digest::{SHA256, digest};
use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{BlobId, RunId, WorkspaceId},
    run::Run,
};

/// Stored bytes.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BlobId,
    pub workspace_id: WorkspaceId,
    /// The run that made it, and with which it goes.
    pub run_id: Option<RunId>,
    /// The media type that its source gave.
    pub content_type: String,
    /// The length of `data` in bytes.
    pub size: i64,
    /// SHA-256 of `data`.
    pub sha256: Vec<u8>,
    pub data: Vec<u8>,
    pub created_at: Timestamp,
}

/// Stored bytes as they are stored.
pub type Blob = Model;

impl Model {
    /// Bytes that a run made, with their SHA-256.
    pub fn of_run(
        id: BlobId,
        run: &Run,
        content_type: String,
        data: Vec<u8>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            workspace_id: run.workspace_id,
            run_id: Some(run.id),
            content_type,
            size: i64::try_from(data.len()).unwrap_or(i64::MAX),
            sha256: digest(&SHA256, &data).as_ref().to_vec(),
            data,
            created_at: now,
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blob")
            .field("id", &self.id)
            .field("content_type", &self.content_type)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
