//! The provider: its key, and how to test it.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection};

use crate::api::search;

/// A key of a project at Geoapify.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Key {
    /// Geoapify, My projects, API keys. A key that is restricted to origins or referrers does not work on a server.
    #[field(secret, label = "API key", min_length = 1)]
    api_key: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("geoapify", "Geoapify")
        .description("Addresses and coordinates.")
        .hosts(["api.geoapify.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Key>(
            "api_key",
            "API key",
            [Injection::query("apiKey", "{apiKey}")],
        )
        .test::<Usable>()
}

/// Whether the key finds anything. Nothing of Geoapify's tells more of a key; each search is one of those that a plan has for a day.
struct Usable;

impl CredentialTest for Usable {
    async fn test(context: Context) -> Result<CredentialTested> {
        let query = json!({"text": "Berlin", "limit": 1});
        search::<Value>(&context, "/v1/geocode/search", &query).await?;
        Ok(CredentialTested {
            account: Some("a key for geocoding".to_owned()),
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn test(reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("geoapify");
        stage.reply(reply).run()
    }

    #[test]
    fn a_key_is_tested_with_a_search() {
        let ran = test(Reply::json(
            200,
            &json!({"type": "FeatureCollection", "features": []}),
        ));
        assert_eq!(ran.output(), json!({"account": "a key for geocoding"}));
        as_the_sdk("test", &ran.requests[0]);
    }

    #[test]
    fn a_key_that_is_refused_is_refused_with_geoapifys_words() {
        let said = |status: u16, error: &str, message: &str| {
            let body = json!({"statusCode": status, "error": error, "message": message});
            test(Reply::json(status, &body)).error().clone()
        };
        let invalid = said(401, "Unauthorized", "Invalid apiKey");
        assert_eq!(
            invalid.to_string(),
            "CREDENTIAL: api.geoapify.com answered 401: Invalid apiKey."
        );
        assert!(!invalid.retryable);
        let forbidden = said(403, "Forbidden", "Origin is not allowed");
        assert_eq!(
            forbidden.to_string(),
            "CREDENTIAL: The credential was refused: api.geoapify.com answered 403: Origin is not allowed."
        );
        assert!(said(503, "Service Unavailable", "").retryable);
    }
}
