use std::time::Duration;

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Which of the runs that are due goes first. The lesser one is the more urgent one.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// Before the others.
    #[sea_orm(num_value = 0)]
    High,
    /// What a run has that nobody gave another one.
    #[default]
    #[sea_orm(num_value = 1)]
    Normal,
    /// After the others.
    #[sea_orm(num_value = 2)]
    Low,
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// How much longer a run must have waited to go before one of the next higher priority. So none waits for ever.
    pub const HEAD_START: Duration = Duration::from_secs(600);

    /// What runs that are due since `due` are sorted by, across priorities.
    pub(crate) fn rank(self, due: Timestamp) -> Timestamp {
        due.after(Self::HEAD_START * u32::from(self as u16))
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Normal => "NORMAL",
            Self::Low => "LOW",
        }
    }

    /// The priority for a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.as_str() == word)
    }
}
