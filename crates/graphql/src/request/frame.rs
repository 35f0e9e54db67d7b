use std::sync::Arc;

use bytes::Bytes;
use jackfield_storage::Cursor;

use super::Answer;
use crate::errors::Code;

/// One answer of a stream, as bytes that all who asked for the same share.
#[derive(Clone, Debug)]
pub enum Frame {
    /// An answer.
    Next {
        /// The whole answer as JSON.
        json: Bytes,
        /// Where to resume after it, when the document selects that.
        cursor: Option<Arc<str>>,
    },
    /// The operation was not executed, or cannot go on; nothing comes after it.
    Refused(Arc<Answer>),
}

impl Frame {
    pub(super) fn of(answer: Answer) -> Self {
        match answer.executed() {
            true => Self::Next {
                json: answer.to_json().into(),
                cursor: answer.cursor().map(Arc::from),
            },
            false => Self::Refused(Arc::new(answer)),
        }
    }

    /// The last answer to a subscriber who is too slow.
    pub(super) fn too_slow(cursor: Option<&str>) -> Self {
        let message = match cursor {
            Some(cursor) => format!(
                "More has happened than is kept for a slow subscriber. Subscribe again with `after: \"{cursor}\"`, and nothing \
                 is missing."
            ),
            None => "More has happened than is kept for a slow subscriber. Select `cursor`, and subscribe again with `after` and \
                     the last one: then nothing is missing."
                .to_owned(),
        };
        let answer = Answer::refused(Code::TooSlow, message);
        Self::Refused(Arc::new(match cursor {
            Some(cursor) => answer.with("cursor", cursor),
            None => answer,
        }))
    }

    /// How many bytes it keeps in memory, roughly.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Next { json, .. } => json.len(),
            Self::Refused(_) => 0,
        }
    }

    /// Where to resume after it.
    pub fn cursor(&self) -> Option<&str> {
        match self {
            Self::Next { cursor, .. } => cursor.as_deref(),
            Self::Refused(_) => None,
        }
    }

    /// The log position of the cursor.
    pub(super) fn position(&self) -> Option<i64> {
        let cursor: Cursor = self.cursor()?.parse().ok()?;
        Some(cursor.as_position())
    }
}
