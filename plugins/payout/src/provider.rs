//! The provider: a scheme of credentials for each service, and how to test them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection, code};

use crate::service::{Service, invalid, settings};

/// Stripe Connect, for direct deposits.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Stripe {
    /// Of the platform's account: Developers, API keys. A restricted key needs to read the balance and to write transfers and payouts.
    #[field(
        secret,
        label = "Secret key",
        placeholder = "sk_live_…",
        pattern = "^(sk|rk)_"
    )]
    secret_key: String,
}

/// Lob, for checks on paper.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Lob {
    /// Of the account: Settings, API keys, the secret one. Give the app's settings `bankAccount` (`bank_…`) and `from` (`adr_…`).
    #[field(
        secret,
        label = "API key",
        placeholder = "live_…",
        pattern = "^(live|test)_"
    )]
    lob_key: String,
}

/// Checkbook, for checks by e-mail.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Checkbook {
    /// Of the account: Settings, Developer. With keys of the sandbox set `sandbox` in the app's settings to `true`.
    #[field(secret, label = "API key", min_length = 1)]
    checkbook_key: String,
    /// Beside the key.
    #[field(secret, label = "API secret", min_length = 1)]
    checkbook_secret: String,
}

/// An endpoint of one's own, for everything else.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Endpoint {
    /// What the endpoint knows this server by: it comes as `Authorization: Bearer`. The app's settings say where the endpoint is, as
    /// `endpoint`.
    #[field(secret, label = "Token", min_length = 1)]
    endpoint_token: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("payout", "Payouts")
        .description("Pays workers and contractors: Stripe Connect, Lob, Checkbook, or an endpoint of your own.")
        // An endpoint can be anywhere; the app's settings say where.
        .hosts(["*"])
        .icon(include_str!("icon.svg"))
        .scheme::<Stripe>(
            "stripe",
            "Direct deposits by Stripe Connect",
            [Injection::header("Authorization", "Bearer {secretKey}")],
        )
        .scheme::<Lob>(
            "lob",
            "Checks on paper by Lob",
            [Injection::Basic {
                username: "{lobKey}".to_owned(),
                password: String::new(),
            }],
        )
        .scheme::<Checkbook>(
            "checkbook",
            "Checks by e-mail by Checkbook",
            [Injection::header(
                "Authorization",
                "{checkbookKey}:{checkbookSecret}",
            )],
        )
        .scheme::<Endpoint>(
            "endpoint",
            "An endpoint of your own",
            [Injection::header("Authorization", "Bearer {endpointToken}")],
        )
        .test::<Account>()
}

/// What the key is of, with a request that pays nothing.
struct Account;

impl CredentialTest for Account {
    async fn test(context: Context) -> Result<CredentialTested> {
        let service = Service::of(&context, &Service::ALL).await?;
        let service =
            service.ok_or_else(|| invalid("The credentials are of no service that is known."))?;
        let asked = match service {
            Service::Stripe => "/v1/balance",
            Service::Lob => "/v1/bank_accounts",
            Service::Checkbook => "/v3/user",
            Service::Endpoint => return endpoint(&context),
        };
        let api = service.api();
        let mut request = api.request(&context, "GET", asked)?;
        if service == Service::Lob {
            request = request.query("limit", "1");
        }
        let answer = api.send(request).await?;
        Ok(CredentialTested {
            account: Some(account(service, &answer)),
            details: None,
        })
    }
}

fn account(service: Service, answer: &Value) -> String {
    let name = service.name();
    match service {
        Service::Stripe if answer["livemode"] == true => format!("{name}, live mode"),
        Service::Stripe => format!("{name}, test mode"),
        Service::Checkbook => match answer["name"].as_str() {
            Some(user) => format!("{name}, {user}"),
            None => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

/// An endpoint is not asked: it knows nothing but to pay. But it has to be known.
fn endpoint(context: &Context) -> Result<CredentialTested> {
    let endpoint = settings(context)?.endpoint.unwrap_or_default();
    let host = endpoint
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    match host {
        Some(host) => Ok(CredentialTested {
            account: Some(host.to_owned()),
            details: None,
        }),
        None => Err(Error::new(
            code::INVALID_CONFIG,
            "endpoint in the settings of the connected app is missing: it is the URL that payouts are posted to.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn test(field: &str, settings: &Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("payout");
        let stage = stage
            .connected_app("payout", settings)
            .secret(field, "a-key-of-a-service");
        replies
            .into_iter()
            .fold(stage, |stage, reply| stage.reply(reply))
            .run()
    }

    #[test]
    fn each_key_is_tested_at_its_own_service() {
        let live = Reply::json(200, &json!({"object": "balance", "livemode": true}));
        let ran = test("secretKey", &json!({}), [live]);
        assert_eq!(ran.output(), json!({"account": "Stripe, live mode"}));
        as_the_sdk("stripe_balance", "https://api.stripe.com", &ran.requests[0]);
        let list = Reply::json(200, &json!({"object": "list", "data": []}));
        let ran = test("lobKey", &json!({}), [list]);
        assert_eq!(ran.output(), json!({"account": "Lob"}));
        as_the_sdk("lob_bank_accounts", "https://api.lob.com", &ran.requests[0]);
        let user = || Reply::json(200, &json!({"id": "u_1", "name": "Acme Cleaning"}));
        let ran = test("checkbookSecret", &json!({}), [user()]);
        assert_eq!(ran.output(), json!({"account": "Checkbook, Acme Cleaning"}));
        as_the_sdk(
            "checkbook_user",
            "https://api.checkbook.io",
            &ran.requests[0],
        );
        let ran = test("checkbookSecret", &json!({"sandbox": true}), [user()]);
        assert_eq!(
            ran.requests[0].url,
            "https://api.sandbox.checkbook.io/v3/user"
        );
    }

    #[test]
    fn an_endpoint_has_to_be_somewhere() {
        let settings = json!({"endpoint": "https://payroll.example.com/payouts"});
        let ran = test("endpointToken", &settings, []);
        assert_eq!(ran.output(), json!({"account": "payroll.example.com"}));
        let ran = test("endpointToken", &json!({}), []);
        assert_eq!(
            ran.error().to_string(),
            "INVALID_CONFIG: endpoint in the settings of the connected app is missing: it is the URL that payouts are posted to."
        );
    }

    #[test]
    fn a_key_that_is_refused_is_told_with_the_services_words() {
        let refused = Reply::json(
            401,
            &json!({"error": {"message": "Your API key is not valid.", "status_code": 401, "code": "invalid_api_key"}}),
        );
        let ran = test("lobKey", &json!({}), [refused]);
        assert_eq!(
            ran.error().to_string(),
            "CREDENTIAL: api.lob.com answered 401: Your API key is not valid."
        );
    }
}
