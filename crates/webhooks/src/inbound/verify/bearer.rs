//! A token in `Authorization: Bearer …` (RFC 6750), or as it is in a header of one's choice.

use jackfield_connected_apps::Secret;
use jackfield_storage::inbound_hook::HookConfig;

use super::{Refusal, Signed, header, mac};

const AUTHORIZATION: &str = "authorization";

pub(super) fn verify(
    config: &HookConfig,
    secrets: &[Secret],
    request: &Signed<'_>,
) -> Result<(), Refusal> {
    let given = match &config.header {
        Some(name) if !name.eq_ignore_ascii_case(AUTHORIZATION) => {
            header::text(request.headers, name)?
        }
        _ => {
            let text = header::text(request.headers, AUTHORIZATION)?;
            match text.split_once(' ') {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
                _ => return Err(Refusal::Malformed(AUTHORIZATION.to_owned())),
            }
        }
    };
    let fits = secrets
        .iter()
        .any(|secret| mac::equal(secret.expose().as_bytes(), given.as_bytes()));
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    fn check(config: &HookConfig, example: &Example) -> Result<(), Refusal> {
        verify(config, &secrets(&["mF_9.B5f-4.1JqM"]), &example.signed())
    }

    /// The example of RFC 6750, section 2.1.
    fn delivery() -> Example {
        Example::new("{}", 0).header(AUTHORIZATION, "Bearer mF_9.B5f-4.1JqM")
    }

    #[test]
    fn accepts_the_token_and_no_other() {
        let config = HookConfig::default();

        assert_eq!(check(&config, &delivery()), Ok(()));
        assert_eq!(
            check(&config, &delivery().header(AUTHORIZATION, "Bearer guess")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(&config, &delivery().header(AUTHORIZATION, "Basic bUY=")),
            Err(Refusal::Malformed(AUTHORIZATION.into()))
        );
        assert_eq!(
            check(&config, &delivery().without(AUTHORIZATION)),
            Err(Refusal::Missing(AUTHORIZATION.into()))
        );
    }

    #[test]
    fn the_token_may_be_in_another_header() {
        let config = HookConfig {
            header: Some("X-Api-Key".into()),
            ..HookConfig::default()
        };

        assert_eq!(
            check(
                &config,
                &Example::new("{}", 0).header("x-api-key", "mF_9.B5f-4.1JqM")
            ),
            Ok(())
        );
        assert_eq!(
            check(&config, &delivery()),
            Err(Refusal::Missing("X-Api-Key".into()))
        );
    }
}
