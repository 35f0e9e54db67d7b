use crate::api::{invalid, number};
use jackfield_plugin_sdk::Result;

/// What is reviewed.
pub(super) enum Subject<'a> {
    /// A place, which everybody can ask about, by its id.
    Place(&'a str),
    /// A location that the owner asks about: the path of its reviews.
    Location(String),
}

impl<'a> Subject<'a> {
    /// A place, or a location with its account.
    pub(super) fn of(
        place: &'a Option<String>,
        account: &Option<String>,
        location: &Option<String>,
    ) -> Result<Self> {
        match (given(place), given(account), given(location)) {
            (Some(place), _, None) => Ok(Self::Place(place)),
            (None, Some(account), Some(location)) => {
                let account = number("account", account)?;
                let location = number("location", location)?;
                let path = format!("/accounts/{account}/locations/{location}/reviews");
                Ok(Self::Location(path))
            }
            (Some(_), _, Some(_)) => Err(invalid(
                "place and location exclude each other: a place is asked about with a key, a location with its owner's grant.",
            )),
            (None, None, Some(_)) => Err(invalid(
                "account is missing: say which account the location belongs to.",
            )),
            (None, _, None) => Err(invalid(
                "place is missing: choose a place, or an account and a location of one's own.",
            )),
        }
    }
}

/// What is there and says something.
pub(super) fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}
