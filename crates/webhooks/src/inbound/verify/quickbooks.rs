//! QuickBooks: `intuit-signature`, base64 of HMAC-SHA256 of the body with the app's verifier token. The same for
//! CloudEvents and for the older `eventNotifications`.

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac};

const HEADER: &str = "intuit-signature";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let signature = mac::from_base64(header::text(request.headers, HEADER)?, HEADER)?;
    mac::check_sha256(secrets, &[request.body], &[signature])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    /// RFC 4231, section 4.3: key `Jefe`.
    fn delivery() -> Example {
        Example::new("what do ya want for nothing?", 0)
            .header(HEADER, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=")
    }

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&["Jefe"]), &example.signed())
    }

    #[test]
    fn accepts_the_code_of_the_body() {
        assert_eq!(check(&delivery()), Ok(()));
    }

    #[test]
    fn refuses_a_changed_body() {
        assert_eq!(
            check(&delivery().body("what do ya want for something?")),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_a_missing_or_malformed_header() {
        assert_eq!(
            check(&delivery().without(HEADER)),
            Err(Refusal::Missing(HEADER.into()))
        );
        assert_eq!(
            check(&delivery().header(HEADER, "###")),
            Err(Refusal::Malformed(HEADER.into()))
        );
    }
}
