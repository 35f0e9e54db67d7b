use async_graphql::Result;
use jackfield_storage::page::{MAX_PAGE, Page};

use crate::errors::Code;

/// How many things a page has when the document does not say.
const DEFAULT_PAGE: u64 = 20;

/// The page that the arguments `first` and `after` ask for.
///
/// # Errors
///
/// `BAD_USER_INPUT` when `first` is not within 1 to 100 or `after` is no cursor.
pub fn page(first: Option<i32>, after: Option<&str>) -> Result<Page> {
    let first = match first {
        None => DEFAULT_PAGE,
        Some(first) => u64::try_from(first)
            .ok()
            .filter(|first| (1..=MAX_PAGE).contains(first))
            .ok_or_else(|| {
                Code::BadUserInput.error(format!(
                    "`first` is {first}; it must be from 1 to {MAX_PAGE}."
                ))
            })?,
    };
    let after = after
        .map(|text| {
            text.parse()
                .map_err(|error| Code::BadUserInput.error(format!("`after`: {error}")))
        })
        .transpose()?;
    Ok(Page { first, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_to_twenty() {
        assert_eq!(page(None, None).unwrap().first, 20);
    }

    #[test]
    fn refuses_what_it_cannot_give() {
        insta::assert_snapshot!(page(Some(101), None).unwrap_err().message, @"`first` is 101; it must be from 1 to 100.");
        assert!(page(Some(0), None).is_err());
        assert!(page(None, Some("nonsense")).is_err());
    }
}
