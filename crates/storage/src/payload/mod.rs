//! Large values, stored once.
//!
//! A value of at least [`LARGE`] bytes within a document of a run or an event is taken out when the document is written, and
//! stored once in its workspace, by the SHA-256 of its text. In its place stands `@` and that hash, which no JSON has outside
//! of a string; the document then begins with another `@`. So a webhook of a megabyte that is passed on through twenty steps
//! is stored once.
//!
//! - What is taken out: a string, array or object whose text is that long after what it holds was taken out of it.
//! - A reference is written in the transaction that writes its value. Who uses a value (a run for itself and its steps, an
//!   event) is a row, and a value goes with its last user. Both happen under the lock of the log's head, so that no
//!   value goes while somebody begins to use it.
//! - Outside of this crate documents are whole: every finder and every statement that returns rows puts them together
//!   again. A document below that length is not looked into.

mod pack;
mod put;
mod release;
mod store;
#[cfg(test)]
mod tests;
mod unpack;

pub(crate) use pack::Taken;
pub(crate) use put::packed;
pub(crate) use release::{release, release_events};
pub(crate) use store::store;
pub(crate) use unpack::{Whole, unpack};

use sea_orm::{DeriveValueType, entity::prelude::*};

use crate::{
    Json,
    event::Event,
    ids::{EventId, Id, RunId, WorkspaceId},
    run::Run,
    step::Step,
};

/// From which length on, in bytes, a value is stored by itself.
pub const LARGE: usize = 64 * 1024;

/// What a document with something taken out of it begins with, and what stands before the hash in it.
pub(crate) const MARK: char = '@';

/// SHA-256 of a value's text.
pub(crate) type Hash = [u8; 32];

/// Who uses a value: a run or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, DeriveValueType)]
pub struct Owner(Uuid);

impl sea_orm::TryFromU64 for Owner {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Owner"))
    }
}

impl From<RunId> for Owner {
    fn from(run: RunId) -> Self {
        Self(Uuid::from_bytes(run.ulid().to_bytes()))
    }
}

impl From<EventId> for Owner {
    fn from(event: EventId) -> Self {
        Self(Uuid::from_bytes(event.ulid().to_bytes()))
    }
}

/// A value that was taken out of documents.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payloads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: Vec<u8>,
    /// Its text, with what was taken out of it in turn.
    pub text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload").finish_non_exhaustive()
    }
}

/// Who uses which value.
pub(crate) mod payload_use {
    use sea_orm::entity::prelude::*;

    use super::Owner;
    use crate::ids::WorkspaceId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payload_uses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner: Owner,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sha256: Vec<u8>,
        pub workspace_id: WorkspaceId,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row with documents in which values may be large.
pub(crate) trait Documents {
    /// Whose values they are.
    fn owner(&self) -> (WorkspaceId, Owner);

    /// The documents.
    fn documents(&self) -> impl Iterator<Item = &Json>;

    /// The documents, to be changed.
    fn documents_mut(&mut self) -> impl Iterator<Item = &mut Json>;
}

impl Documents for Run {
    fn owner(&self) -> (WorkspaceId, Owner) {
        (self.workspace_id, self.id.into())
    }

    fn documents(&self) -> impl Iterator<Item = &Json> {
        let more = [&self.output, &self.error, &self.pins];
        std::iter::once(&self.input).chain(more.into_iter().flatten())
    }

    fn documents_mut(&mut self) -> impl Iterator<Item = &mut Json> {
        let more = [&mut self.output, &mut self.error, &mut self.pins];
        std::iter::once(&mut self.input).chain(more.into_iter().flatten())
    }
}

impl Documents for Step {
    fn owner(&self) -> (WorkspaceId, Owner) {
        (self.workspace_id, self.run_id.into())
    }

    fn documents(&self) -> impl Iterator<Item = &Json> {
        [&self.input, &self.output, &self.error]
            .into_iter()
            .flatten()
    }

    fn documents_mut(&mut self) -> impl Iterator<Item = &mut Json> {
        let all = [&mut self.input, &mut self.output, &mut self.error];
        all.into_iter().flatten()
    }
}

impl Documents for Event {
    fn owner(&self) -> (WorkspaceId, Owner) {
        (self.workspace_id, self.id.into())
    }

    fn documents(&self) -> impl Iterator<Item = &Json> {
        std::iter::once(&self.data).chain(&self.request)
    }

    fn documents_mut(&mut self) -> impl Iterator<Item = &mut Json> {
        std::iter::once(&mut self.data).chain(&mut self.request)
    }
}
