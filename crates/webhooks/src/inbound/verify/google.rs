//! Google push notifications: no signature, but the token that was given when the channel was opened, in
//! `X-Goog-Channel-Token`. <https://developers.google.com/workspace/calendar/api/guides/push>

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac};

const HEADER: &str = "x-goog-channel-token";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let token = header::text(request.headers, HEADER)?;
    let fits = secrets
        .iter()
        .any(|secret| mac::equal(secret.expose().as_bytes(), token.as_bytes()));
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    #[test]
    fn compares_the_channel_token() {
        let delivery = Example::new("", 0).header(HEADER, "token of the channel");
        let check =
            |example: &Example| verify(&secrets(&["token of the channel"]), &example.signed());

        assert_eq!(check(&delivery), Ok(()));
        assert_eq!(
            check(&delivery.clone().header(HEADER, "another")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(&delivery.without(HEADER)),
            Err(Refusal::Missing(HEADER.into()))
        );
    }
}
