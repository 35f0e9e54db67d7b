use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;

/// How many runs of a workflow are under way at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Concurrency {
    /// At most so many.
    pub limit: i32,
    /// An expression: the limit holds for each of its values by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What becomes of a run for which there is no room.
    #[serde(default)]
    pub on_full: OnFull,
}

text_enum! {
    /// What becomes of a run when as many as may be are under way.
    #[derive(Default)]
    pub enum OnFull {
        /// It stays queued until another one is over.
        #[default]
        Queue => "QUEUE",
        /// It is cancelled before it begins.
        Drop => "DROP",
        /// It takes the place of the oldest one, which is cancelled.
        CancelOldest => "CANCEL_OLDEST",
    }
}
