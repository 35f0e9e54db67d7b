//! Requests by which a provider only checks that the address is ours.

use http::{HeaderMap, Method};
use jackfield_connected_apps::Secret;
use jackfield_storage::{
    Json,
    inbound_hook::{HookConfig, Scheme},
};

use super::verify::{self, Refusal, Signed, meta};

/// The methods of a hook, for `Allow`.
pub(super) fn methods(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Meta | Scheme::Mailchimp => "GET, POST",
        _ => "POST",
    }
}

/// The answer to a request that is not a POST: `None` when the hook takes only POST.
pub(super) fn probe(
    config: &HookConfig,
    secrets: &[Secret],
    method: &Method,
    request: &Signed<'_>,
) -> Option<Result<String, Refusal>> {
    match (config.scheme, method) {
        (Scheme::Meta, &Method::GET) => Some(subscribe(config, secrets, request)),
        (Scheme::Mailchimp, &Method::GET) => {
            Some(verify::verify(config, secrets, request).map(|()| String::new()))
        }
        _ => None,
    }
}

/// Meta's `hub.mode=subscribe`: the token is checked and `hub.challenge` comes back.
fn subscribe(
    config: &HookConfig,
    secrets: &[Secret],
    request: &Signed<'_>,
) -> Result<String, Refusal> {
    let query = request.query.unwrap_or_default();
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.into_owned())
            .ok_or_else(|| Refusal::Missing(format!("the query parameter `{name}`")))
    };
    let subscription = meta::Subscription {
        verify_token: parameter("hub.verify_token")?,
        challenge: parameter("hub.challenge")?,
    };
    meta::verify_subscription(config.verify_token.as_deref(), secrets, &subscription)?;
    Ok(subscription.challenge)
}

/// The answer to a verified POST that carries no event: Slack's `url_verification` wants its `challenge` back, Google's
/// `sync` only says that a channel was opened.
pub(super) fn answer(scheme: Scheme, headers: &HeaderMap, body: &Json) -> Option<String> {
    match scheme {
        Scheme::Slack => {
            #[derive(serde::Deserialize)]
            struct Verification {
                r#type: String,
                challenge: String,
            }
            let verification: Verification = body.parse().ok()?;
            (verification.r#type == "url_verification").then_some(verification.challenge)
        }
        Scheme::Google => {
            let state = headers.get("x-goog-resource-state")?;
            (state == "sync").then(String::new)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use jackfield_storage::Timestamp;

    use super::*;

    fn probed(scheme: Scheme, query: &str) -> Option<Result<String, Refusal>> {
        let config = HookConfig {
            scheme,
            ..HookConfig::default()
        };
        let headers = HeaderMap::new();
        let url = format!("https://jackfield.example.com/hooks/t?{query}");
        let request = Signed {
            url: &url,
            query: Some(query),
            headers: &headers,
            body: b"",
            now: Timestamp::EPOCH,
        };
        probe(
            &config,
            &[Secret::new("meatyhamhock".into())],
            &Method::GET,
            &request,
        )
    }

    #[test]
    fn meta_gets_its_challenge_back() {
        let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock";

        assert_eq!(probed(Scheme::Meta, query), Some(Ok("1158201444".into())));
        assert_eq!(
            probed(Scheme::Meta, &query.replace("meaty", "lean")),
            Some(Err(Refusal::Mismatch))
        );
        assert_eq!(
            probed(Scheme::Meta, "hub.mode=subscribe"),
            Some(Err(Refusal::Missing(
                "the query parameter `hub.verify_token`".into()
            )))
        );
    }

    #[test]
    fn mailchimp_sees_that_the_address_answers() {
        assert_eq!(
            probed(Scheme::Mailchimp, "secret=meatyhamhock"),
            Some(Ok(String::new()))
        );
        assert_eq!(
            probed(Scheme::Mailchimp, "secret=guess"),
            Some(Err(Refusal::Mismatch))
        );
    }

    #[test]
    fn others_are_not_probed() {
        assert_eq!(probed(Scheme::Stripe, ""), None);
    }

    #[test]
    fn slack_gets_its_challenge_back() {
        let answer = |body| {
            answer(
                Scheme::Slack,
                &HeaderMap::new(),
                &Json::check(body).unwrap(),
            )
        };

        assert_eq!(
            answer(r#"{"type": "url_verification", "challenge": "3eZb"}"#),
            Some("3eZb".into())
        );
        assert_eq!(
            answer(r#"{"type": "event_callback", "challenge": "3eZb"}"#),
            None
        );
    }

    #[test]
    fn the_opening_of_a_google_channel_is_no_event() {
        let state = |state| {
            HeaderMap::from_iter([(
                "x-goog-resource-state".parse().unwrap(),
                HeaderValue::from_static(state),
            )])
        };

        assert_eq!(
            answer(Scheme::Google, &state("sync"), &Json::null()),
            Some(String::new())
        );
        assert_eq!(
            answer(Scheme::Google, &state("exists"), &Json::null()),
            None
        );
    }
}
