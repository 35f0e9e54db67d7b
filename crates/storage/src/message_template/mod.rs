//! Message templates: mails and text messages that the steps of workflows send.

mod delete;
mod find;
mod write;

pub use delete::delete;
pub use find::{
    MessageTemplateFilter, changes_after, count, find, find_many, find_named, list, of_senders,
};
pub use write::{insert, update};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{MessageTemplateId, ResourceId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// How a message reaches whom it is for.
    pub enum MessageChannel {
        /// As a mail.
        Email => "EMAIL",
        /// As a text message.
        Sms => "SMS",
    }
}

impl MessageChannel {
    /// The channel that manifests of plugins call `email` or `sms`.
    pub fn in_manifest(word: &str) -> Option<Self> {
        match word {
            "email" => Some(Self::Email),
            "sms" => Some(Self::Sms),
            _ => None,
        }
    }
}

/// A mail or text message whose texts hold expressions.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_templates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageTemplateId,
    pub workspace_id: WorkspaceId,
    /// What people call it; unique among those of the workspace that are not deleted.
    pub name: String,
    pub channel: MessageChannel,
    /// Of a mail.
    pub subject: Option<String>,
    /// Of a mail.
    pub html_body: Option<String>,
    /// Of a text message; of a mail if it has one.
    pub text_body: Option<String>,
    /// The resource that it is to be sent from, which may be gone by now; the default of its app if none.
    pub sender_id: Option<ResourceId>,
    /// What it is for.
    pub description: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it was deleted. It stays without its texts, for those who follow changes.
    pub deleted_at: Option<Timestamp>,
    /// The log position of the last change.
    pub revision: i64,
}

/// A message template as it is stored.
pub type MessageTemplate = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
