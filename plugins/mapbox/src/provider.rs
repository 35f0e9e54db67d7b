//! The provider: its access token, and how to test it.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection};

use crate::api::{get, tokens};

/// What Mapbox gives to who may use its services.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Token {
    /// Of the account at Mapbox: Admin, Tokens. A token that is restricted to URLs works in browsers only.
    #[field(secret, placeholder = "pk.…", pattern = "^(pk|sk|tk)\\.")]
    access_token: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("mapbox", "Mapbox")
        .description("Addresses, routes and travel times.")
        .hosts(["api.mapbox.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Token>(
            "access_token",
            "Access token",
            [Injection::query("access_token", "{accessToken}")],
        )
        .test::<Account>()
}

/// The account that the token is of. Unlike a search, asking for it costs nothing.
struct Account;

#[derive(Deserialize)]
struct Answer {
    token: Known,
}

#[derive(Deserialize)]
struct Known {
    user: Option<String>,
}

impl CredentialTest for Account {
    async fn test(context: Context) -> Result<CredentialTested> {
        let answer: Answer = get(tokens(), &context, "/tokens/v2", &json!({})).await?;
        Ok(CredentialTested {
            account: answer.token.user,
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
        let stage = testing::plugin(crate::plugin()).credential_test("mapbox");
        stage.reply(reply).run()
    }

    #[test]
    fn a_token_is_tested_by_asking_whose_it_is() {
        let token =
            json!({"usage": "pk", "user": "acme", "authorization": "cijucimbe000brbkt48d0dhcx"});
        let ran = test(Reply::json(
            200,
            &json!({"code": "TokenValid", "token": token}),
        ));
        assert_eq!(ran.output(), json!({"account": "acme"}));
        as_the_sdk("token", &ran.requests[0]);
    }

    #[test]
    fn a_token_that_is_refused_with_status_200_is_refused() {
        for code in [
            "TokenExpired",
            "TokenInvalid",
            "TokenMalformed",
            "TokenRevoked",
        ] {
            let ran = test(Reply::json(200, &json!({"code": code})));
            assert_eq!(
                ran.error().to_string(),
                format!("CREDENTIAL: api.mapbox.com answered 200: {code}.")
            );
            assert!(!ran.error().retryable);
        }
        let ran = test(Reply::json(
            401,
            &json!({"message": "Not Authorized - Invalid Token"}),
        ));
        assert_eq!(ran.error().code, "CREDENTIAL");
        assert!(test(Reply::new(503)).error().retryable);
    }
}
