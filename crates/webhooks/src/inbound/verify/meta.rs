//! Meta (Facebook, WhatsApp): notifications are signed as GitHub's are, with the app secret; the subscription is
//! confirmed by a GET with `hub.verify_token`.
//! <https://developers.facebook.com/docs/graph-api/webhooks/getting-started>

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, github, mac};

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    github::verify(secrets, request)
}

/// What Meta asks when an endpoint is subscribed.
pub struct Subscription {
    /// The token that was entered in Meta's dashboard.
    pub verify_token: String,
    /// The text to answer with.
    pub challenge: String,
}

/// Checks the token against the one of the hook's configuration or, when it names none, the hook's secrets.
pub fn verify_subscription(
    configured: Option<&str>,
    secrets: &[Secret],
    subscription: &Subscription,
) -> Result<(), Refusal> {
    let given = subscription.verify_token.as_bytes();
    let fits = match configured {
        Some(token) => mac::equal(token.as_bytes(), given),
        None => secrets
            .iter()
            .any(|secret| mac::equal(secret.expose().as_bytes(), given)),
    };
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::secrets;

    fn subscription(token: &str) -> Subscription {
        Subscription {
            verify_token: token.into(),
            challenge: "1158201444".into(),
        }
    }

    #[test]
    fn a_subscription_is_confirmed_with_the_configured_token() {
        let secrets = secrets(&["app secret"]);

        assert_eq!(
            verify_subscription(
                Some("meatyhamhock"),
                &secrets,
                &subscription("meatyhamhock")
            ),
            Ok(())
        );
        assert_eq!(
            verify_subscription(Some("meatyhamhock"), &secrets, &subscription("app secret")),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn without_a_configured_token_the_secret_confirms_it() {
        assert_eq!(
            verify_subscription(
                None,
                &secrets(&["meatyhamhock"]),
                &subscription("meatyhamhock")
            ),
            Ok(())
        );
        assert_eq!(
            verify_subscription(None, &[], &subscription("")),
            Err(Refusal::Mismatch)
        );
    }
}
