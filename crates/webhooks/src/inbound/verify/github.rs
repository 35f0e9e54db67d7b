//! GitHub: `X-Hub-Signature-256: sha256=hex`, HMAC-SHA256 of the body.
//! <https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac};

const HEADER: &str = "x-hub-signature-256";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let text = header::text(request.headers, HEADER)?;
    let digits = text
        .strip_prefix("sha256=")
        .ok_or_else(|| Refusal::Malformed(HEADER.to_owned()))?;
    let signature = mac::from_hex(digits, HEADER)?;
    mac::check_sha256(secrets, &[request.body], &[signature])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    /// The example of GitHub's documentation.
    fn delivery() -> Example {
        Example::new("Hello, World!", 0).header(
            "x-hub-signature-256",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        )
    }

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&["It's a Secret to Everybody"]), &example.signed())
    }

    #[test]
    fn accepts_what_github_signed() {
        assert_eq!(check(&delivery()), Ok(()));
    }

    #[test]
    fn accepts_the_old_secret_while_it_is_being_replaced() {
        let both = secrets(&["new", "It's a Secret to Everybody"]);

        assert_eq!(verify(&both, &delivery().signed()), Ok(()));
    }

    #[test]
    fn refuses_a_changed_body() {
        assert_eq!(
            check(&delivery().body("Hello, World?")),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_the_older_sha1_header_alone() {
        let delivery = delivery()
            .without(HEADER)
            .header("x-hub-signature", "sha1=00");

        assert_eq!(check(&delivery), Err(Refusal::Missing(HEADER.into())));
    }

    #[test]
    fn refuses_other_algorithms_and_cut_signatures() {
        assert_eq!(
            check(&delivery().header(HEADER, "sha1=00")),
            Err(Refusal::Malformed(HEADER.into()))
        );
        assert_eq!(
            check(&delivery().header(HEADER, "sha256=7571")),
            Err(Refusal::Mismatch)
        );
    }
}
