//! Connected apps: sealed credentials for a provider.

mod check;
mod default;
mod find;

pub use check::next_check;
pub use default::{inherit_default, take_default};
pub use find::{
    ConnectedAppFilter, count, default_of, defaults, find, find_many, list, named, of_providers,
};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{ConnectedAppId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// Whether the provider took the credentials when it was asked last.
    pub enum AppCondition {
        /// It did, or was never asked.
        Connected => "CONNECTED",
        /// It could not be asked.
        Error => "ERROR",
        /// It did not.
        NeedsReauth => "NEEDS_REAUTH",
    }
}

text_enum! {
    /// Whether steps can use an app.
    pub enum AppStatus {
        /// They can.
        Connected => "CONNECTED",
        /// The provider could not be asked when the app was checked last.
        Error => "ERROR",
        /// The provider does not take the credentials any more.
        NeedsReauth => "NEEDS_REAUTH",
        /// Somebody has switched it off.
        Inactive => "INACTIVE",
    }
}

/// Credentials for a provider, and how to use them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connected_apps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConnectedAppId,
    pub workspace_id: WorkspaceId,
    /// The provider's name, such as `stripe`.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// Whether steps may use it.
    pub active: bool,
    /// The credentials, sealed.
    pub sealed: Vec<u8>,
    /// What may be shown of the credentials: the last characters.
    pub masked: String,
    /// What is not secret, such as `origins`.
    pub settings: Json,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The log position of the last change.
    pub revision: i64,
    /// How many requests may be made with the credentials in `rate_per`; these three are set together or not at all.
    pub rate_requests: Option<i32>,
    /// In microseconds.
    pub rate_per: Option<i64>,
    /// How many of them may be made at once.
    pub rate_burst: Option<i32>,
    /// Whether steps use it that need an app of its provider and name none: one app of each provider.
    pub is_default: bool,
    pub condition: AppCondition,
    /// When the provider was asked last.
    pub checked_at: Option<Timestamp>,
    /// Whether it took the credentials then.
    pub check_ok: Option<bool>,
    /// What it said.
    pub check_message: Option<String>,
    /// When it is asked again, unless the app is switched off.
    pub next_check_at: Timestamp,
}

/// A connected app as it is stored.
pub type ConnectedApp = Model;

impl Model {
    /// Whether steps can use it.
    pub fn status(&self) -> AppStatus {
        match self.condition {
            _ if !self.active => AppStatus::Inactive,
            AppCondition::Connected => AppStatus::Connected,
            AppCondition::Error => AppStatus::Error,
            AppCondition::NeedsReauth => AppStatus::NeedsReauth,
        }
    }
}

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
