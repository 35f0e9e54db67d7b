//! The provider: its API key, and how to test it.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection};

use crate::models::{Preference, models};

/// What Anthropic gives to who may use its API.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Key {
    /// Claude Console, API keys.
    #[field(secret, label = "API key", min_length = 1, placeholder = "sk-ant-…")]
    api_key: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("anthropic", "Anthropic")
        .description("Claude writes, reads and sorts texts.")
        .hosts(["api.anthropic.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Key>(
            "api_key",
            "API key",
            [Injection::header("x-api-key", "{apiKey}")],
        )
        .test::<Models>()
        .resource::<Preference>()
}

/// Whoever may list the models has a key that works. Whose it is, nobody says.
struct Models;

impl CredentialTest for Models {
    async fn test(context: Context) -> Result<CredentialTested> {
        models(&context, "1", None).await?;
        Ok(CredentialTested {
            account: None,
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;

    fn test(reply: Reply) -> Ran {
        testing::plugin(crate::plugin())
            .credential_test("anthropic")
            .reply(reply)
            .run()
    }

    #[test]
    fn a_key_is_tested_with_the_list_of_models() {
        let nothing = json!({"data": [], "has_more": false, "first_id": null, "last_id": null});
        let ran = test(Reply::json(200, &nothing));
        assert_eq!(ran.output(), json!({}));
        assert_eq!(ran.requests[0].url, "https://api.anthropic.com/v1/models");

        let said = json!({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}, "request_id": "req_1"});
        let ran = test(Reply::json(401, &said));
        let error = ran.error();
        assert_eq!(error.code, "CREDENTIAL");
        assert!(error.message.contains("invalid x-api-key"), "{error}");
        assert!(!error.retryable);
        assert!(test(Reply::new(529)).error().retryable);
    }
}
