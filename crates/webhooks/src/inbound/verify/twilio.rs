//! Twilio: `X-Twilio-Signature`, base64 of HMAC-SHA1 with the auth token over the URL and the sorted form parameters; for
//! other bodies over the URL alone, whose parameter `bodySHA256` then is the hash of the body.
//! <https://www.twilio.com/docs/usage/webhooks/webhooks-security>

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::{digest, hmac};
use http::header::CONTENT_TYPE;
use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac};

const HEADER: &str = "x-twilio-signature";
const BODY_HASH: &str = "bodySHA256";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let signature = mac::from_base64(header::text(request.headers, HEADER)?, HEADER)?;
    let parameters = match body_hash(request) {
        Some(expected) => {
            check_body_hash(&expected, request.body)?;
            String::new()
        }
        None => parameters(request)?,
    };

    let spellings = url_spellings(request.url);
    let fits = secrets.iter().any(|secret| {
        let key = secret.expose().as_bytes();
        spellings.iter().any(|url| {
            let parts = [url.as_bytes(), parameters.as_bytes()];
            mac::equal(
                mac::of(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key, &parts).as_ref(),
                &signature,
            )
        })
    });
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

fn body_hash(request: &Signed<'_>) -> Option<String> {
    let query = request.query.unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == BODY_HASH)
        .map(|(_, value)| value.into_owned())
}

fn check_body_hash(expected: &str, body: &[u8]) -> Result<(), Refusal> {
    let expected = hex::decode(expected).map_err(|_| Refusal::Malformed(BODY_HASH.to_owned()))?;
    if mac::equal(digest::digest(&digest::SHA256, body).as_ref(), &expected) {
        return Ok(());
    }
    Err(Refusal::Mismatch)
}

/// The form parameters sorted by name, each name followed by its values: equal values once, sorted.
///
/// A body that is no form is refused unless it is empty: without `bodySHA256` nothing would vouch for it.
fn parameters(request: &Signed<'_>) -> Result<String, Refusal> {
    let content_type = request
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let is_form = content_type
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded");
    if !is_form && !request.body.is_empty() {
        return Err(Refusal::Missing(format!(
            "the query parameter `{BODY_HASH}`"
        )));
    }

    let mut values = BTreeMap::<_, BTreeSet<_>>::new();
    for (name, value) in form_urlencoded::parse(request.body) {
        values.entry(name).or_default().insert(value);
    }
    let mut joined = String::new();
    for (name, values) in values {
        for value in values {
            joined.push_str(&name);
            joined.push_str(&value);
        }
    }
    Ok(joined)
}

/// The URL as it stands, and with the port written out or left out: Twilio's servers do not agree on that.
fn url_spellings(url: &str) -> Vec<String> {
    let mut spellings = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return spellings;
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host_end = authority.rfind(']').unwrap_or(0);
    let other = match authority[host_end..].rfind(':') {
        Some(colon) => authority[..host_end + colon].to_owned(),
        None if scheme == "http" => format!("{authority}:80"),
        None => format!("{authority}:443"),
    };
    spellings.push(format!("{scheme}://{other}{path}"));
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    /// Signed by Twilio's library.
    fn delivery() -> Example {
        Example::new("To=%2B1555&From=%2B1666&Body=hi", 0)
            .at("https://example.com/hook?a=b")
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            )
            .header(HEADER, "eWgtMn/CRRYWVuiLQ94+EeNYQSc=")
    }

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&["12345"]), &example.signed())
    }

    #[test]
    fn accepts_what_twilio_signed() {
        assert_eq!(check(&delivery()), Ok(()));
    }

    #[test]
    fn accepts_the_url_with_its_port() {
        assert_eq!(
            check(&delivery().at("https://example.com:443/hook?a=b")),
            Ok(())
        );
    }

    #[test]
    fn accepts_the_old_token_while_it_is_being_replaced() {
        assert_eq!(
            verify(&secrets(&["54321", "12345"]), &delivery().signed()),
            Ok(())
        );
    }

    #[test]
    fn refuses_a_changed_parameter_or_url() {
        assert_eq!(
            check(&delivery().body("To=%2B1555&From=%2B1666&Body=ho")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(&delivery().at("https://example.com/hook?a=c")),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_a_missing_header() {
        assert_eq!(
            check(&delivery().without(HEADER)),
            Err(Refusal::Missing(HEADER.into()))
        );
    }

    #[test]
    fn refuses_a_body_that_nothing_vouches_for() {
        let delivery = delivery()
            .header("content-type", "application/json")
            .body("{}");

        assert_eq!(
            check(&delivery),
            Err(Refusal::Missing("the query parameter `bodySHA256`".into()))
        );
    }

    #[test]
    fn sorts_and_dedupes_repeated_parameters() {
        let form = Example::new("b=2&a=z&b=1&b=2", 0)
            .header("content-type", "application/x-www-form-urlencoded");

        assert_eq!(parameters(&form.signed()), Ok("azb1b2".into()));
    }

    #[test]
    fn spells_the_url_with_and_without_port() {
        assert_eq!(
            url_spellings("http://a.example/x?y")[1],
            "http://a.example:80/x?y"
        );
        assert_eq!(
            url_spellings("https://a.example:8443/x")[1],
            "https://a.example/x"
        );
        assert_eq!(url_spellings("https://[::1]/x")[1], "https://[::1]:443/x");
        assert_eq!(url_spellings("https://[::1]:8443/x")[1], "https://[::1]/x");
    }
}
