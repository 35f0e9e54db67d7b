//! Mailchimp: unsigned. The URL that is entered there carries the secret in its query, `?secret=…`.

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, mac};

/// The query parameter that carries the secret. It is left out of what a run sees.
pub(in crate::inbound) const PARAMETER: &str = "secret";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let query = request.query.unwrap_or_default();
    let (_, given) = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == PARAMETER)
        .ok_or_else(|| Refusal::Missing(format!("the query parameter `{PARAMETER}`")))?;
    let fits = secrets
        .iter()
        .any(|secret| mac::equal(secret.expose().as_bytes(), given.as_bytes()));
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    fn check(url: &'static str) -> Result<(), Refusal> {
        verify(
            &secrets(&["s3cret & more"]),
            &Example::new("type=subscribe", 0).at(url).signed(),
        )
    }

    #[test]
    fn compares_the_secret_of_the_query() {
        assert_eq!(
            check("https://jackfield.example.com/hooks/t?a=1&secret=s3cret+%26+more"),
            Ok(())
        );
        assert_eq!(
            check("https://jackfield.example.com/hooks/t?secret=guess"),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check("https://jackfield.example.com/hooks/t"),
            Err(Refusal::Missing("the query parameter `secret`".into()))
        );
    }
}
