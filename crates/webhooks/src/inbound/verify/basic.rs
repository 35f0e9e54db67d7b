//! HTTP basic authentication (RFC 7617), which is all that Postmark has: the URL that is entered there carries a user name and a
//! password. The hook's secret is `user:password`.

use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac};

const HEADER: &str = "authorization";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let text = header::text(request.headers, HEADER)?;
    let malformed = || Refusal::Malformed(HEADER.to_owned());
    let (scheme, credentials) = text.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let given = STANDARD
        .decode(credentials.trim())
        .map_err(|_| malformed())?;
    let fits = secrets
        .iter()
        .any(|secret| mac::equal(secret.expose().as_bytes(), &given));
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&["Aladdin:open sesame"]), &example.signed())
    }

    /// The example of RFC 7617, section 2.
    fn delivery() -> Example {
        Example::new("{}", 0).header(HEADER, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }

    #[test]
    fn accepts_the_user_and_password_of_the_url() {
        assert_eq!(check(&delivery()), Ok(()));
    }

    #[test]
    fn refuses_others_and_other_schemes() {
        assert_eq!(
            check(&delivery().header(HEADER, "Basic QWxhZGRpbjpndWVzcw==")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(&delivery().header(HEADER, "Bearer x")),
            Err(Refusal::Malformed(HEADER.into()))
        );
        assert_eq!(
            check(&delivery().without(HEADER)),
            Err(Refusal::Missing(HEADER.into()))
        );
    }
}
