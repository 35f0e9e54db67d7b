use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Request, code};

/// Places, <https://developers.google.com/maps/documentation/places/web-service/place-details>.
pub(crate) fn places() -> Api {
    at("https://places.googleapis.com/v1")
}

/// Reviews for owners, <https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews>.
pub(crate) fn business() -> Api {
    at("https://mybusiness.googleapis.com/v4")
}

/// Accounts, <https://developers.google.com/my-business/reference/accountmanagement/rest>.
pub(crate) fn accounts() -> Api {
    at("https://mybusinessaccountmanagement.googleapis.com/v1")
}

/// Locations, <https://developers.google.com/my-business/reference/businessinformation/rest>.
pub(crate) fn locations() -> Api {
    at("https://mybusinessbusinessinformation.googleapis.com/v1")
}

fn at(base: &str) -> Api {
    Api::new(base).errors(Errors::google())
}

/// Asks for these fields of a place.
pub(crate) fn place(
    context: &Context,
    place: &str,
    fields: &str,
    language: Option<&str>,
) -> Result<Request> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let id = place.strip_prefix("places/").unwrap_or(place);
    if id.is_empty() || !id.bytes().all(is_id) {
        return Err(invalid(
            "place is no id of Google's, such as ChIJj61dQgK6j4AR4GeTYWZsuWw.",
        ));
    }
    let request = places().request(context, "GET", &format!("/places/{id}"))?;
    let request = request.header("X-Goog-FieldMask", fields);
    Ok(match language {
        Some(language) => request.query("languageCode", language),
        None => request,
    })
}

/// A number that Google has given an account or a location, with or without what it is a number of in front.
pub(crate) fn number<'a>(member: &str, id: &'a str) -> Result<&'a str> {
    let number = id.rsplit('/').next().unwrap_or_default();
    match !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(number),
        false => Err(invalid(format!(
            "{member} is no id of Google's, which has digits only, such as 4711081500000."
        ))),
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
