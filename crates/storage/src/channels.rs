//! Channels: for which part of a workspace's customers an event is, such as one project.

use sea_orm::{
    ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};

/// How many channels an event or an endpoint has at most.
const MOST: usize = 10;

/// The longest name of a channel, in characters.
const LONGEST: usize = 128;

/// Names of channels, each once, in alphabetical order. None at all take no memory, and nothing where they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channels(Vec<String>);

/// Why some names are no channels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChannels {
    /// There are too many.
    #[error("There are {} channels at most.", MOST)]
    TooMany,
    /// One of them has another form; shown is what it begins with.
    #[error(
        "`{0}` is no channel: 1 to {longest} letters, digits, `_`, `-` and `.`, such as `project_1042`.",
        longest = LONGEST
    )]
    Malformed(String),
}

impl Channels {
    /// Names that somebody gave, in any order.
    ///
    /// # Errors
    ///
    /// A sentence for whoever gave them.
    pub fn parse(mut names: Vec<String>) -> Result<Self, InvalidChannels> {
        if names.len() > MOST {
            return Err(InvalidChannels::TooMany);
        }
        if let Some(wrong) = names.iter().find(|name| !is_channel(name)) {
            return Err(InvalidChannels::Malformed(wrong.chars().take(40).collect()));
        }
        names.sort_unstable();
        names.dedup();
        Ok(Self(names))
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an endpoint with these channels gets an event with those: everything when it has none, and otherwise what shares
    /// a channel with it.
    pub fn admit(&self, event: &Self) -> bool {
        self.0.is_empty() || event.0.iter().any(|name| self.0.contains(name))
    }

    /// As they are stored.
    pub(crate) fn stored(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| serde_json::Value::from(self.0.as_slice()).to_string())
    }
}

fn is_channel(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(fits)
}

impl From<Channels> for Value {
    fn from(channels: Channels) -> Self {
        Self::String(channels.stored())
    }
}

impl TryGetable for Channels {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let Some(text) = Option::<String>::try_get_by(row, index)? else {
            return Ok(Self::default());
        };
        serde_json::from_str(&text).map(Self).map_err(|error| {
            let message = format!("stored channels are damaged: {error}");
            TryGetError::DbErr(DbErr::Type(message))
        })
    }
}

impl ValueType for Channels {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let text = <Option<String> as ValueType>::try_from(value)?;
        let names = text.map(|text| serde_json::from_str(&text)).transpose();
        names
            .map(|names| Self(names.unwrap_or_default()))
            .map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Channels".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl Nullable for Channels {
    fn null() -> Value {
        Value::String(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(names: &[&str]) -> Channels {
        Channels::parse(names.iter().copied().map(str::to_owned).collect()).unwrap()
    }

    #[test]
    fn order_and_repetition_make_no_difference() {
        assert_eq!(channels(&["b", "a", "b"]), channels(&["a", "b"]));
    }

    #[test]
    fn what_is_no_channel_is_refused() {
        let long = "a".repeat(129);
        for wrong in ["", "two words", "a/b", "ä", long.as_str()] {
            let parsed = Channels::parse(vec!["right".to_owned(), wrong.to_owned()]);
            let shown = wrong.chars().take(40).collect();
            assert_eq!(parsed, Err(InvalidChannels::Malformed(shown)));
        }
        let many = (0..11).map(|number| number.to_string()).collect();
        assert_eq!(Channels::parse(many), Err(InvalidChannels::TooMany));
    }

    #[test]
    fn who_names_channels_gets_what_shares_one() {
        let (none, one, both) = (channels(&[]), channels(&["a"]), channels(&["a", "b"]));
        for (endpoint, event, gets) in [
            (&none, &none, true),
            (&none, &one, true),
            (&one, &none, false),
            (&one, &one, true),
            (&one, &both, true),
            (&both, &one, true),
            (&channels(&["c"]), &both, false),
        ] {
            assert_eq!(endpoint.admit(event), gets, "{endpoint:?} {event:?}");
        }
    }
}
