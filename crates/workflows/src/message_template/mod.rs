//! Message templates: mails and text messages with expressions in them, which steps send.
//!
//! A template is read when it is saved, so one that is stored can be rendered ([`Message`]). A step is made with the template as
//! it is when the step begins; what it was rendered to is the step's input from then on, whatever becomes of the template.

mod create;
mod delete;
mod fill;
mod input;
mod known;
mod message;
mod preview;
mod sender;
#[cfg(test)]
mod tests;
mod update;

use jackfield_storage::{Problem, StorageError};

pub use create::NewMessageTemplate;
pub(crate) use fill::{Fault, fill, wanted};
pub(crate) use known::{Found, KnownTemplates};
pub use message::{Message, Rendered, Texts};
pub use preview::{DraftMessage, Preview};
pub use update::UpdateMessageTemplate;

/// Why a message template was not made, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum MessageTemplateError {
    /// The input has to be changed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<Problem>),
    /// The workspace has no such message template.
    #[error("there is no such message template")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
