//! The provider: how access to a company is had, how to test it, and what QuickBooks sends on its own.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, HostWebhook, Injection, code};

use crate::api::{company, request, send};
use crate::event::EVENT_TYPES;

/// An app at Intuit, with which a person grants access to a company.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Client {
    /// Of the app at <https://developer.intuit.com>: Keys and credentials. Register `/oauth/callback` of this server's public URL
    /// there as a redirect URI. Development keys are for sandbox companies; set `sandbox` in the app's settings to `true` with them.
    #[field(label = "Client ID", min_length = 1)]
    client_id: String,
    /// Beside the client's id.
    #[field(secret, min_length = 1)]
    client_secret: String,
    /// Of the app: Webhooks, where it is shown beside the endpoint. Needed to receive events.
    #[field(secret, label = "Webhook verifier token", min_length = 1)]
    webhook_secret: Option<String>,
}

const WEBHOOK: HostWebhook<'_> = HostWebhook {
    event_types: EVENT_TYPES,
    setup: include_str!("event/setup.md"),
};

pub(crate) fn provider() -> Provider {
    Provider::new("quickbooks", "QuickBooks")
        .description("Accounting in QuickBooks Online.")
        .hosts([
            "quickbooks.api.intuit.com",
            "sandbox-quickbooks.api.intuit.com",
            "oauth.platform.intuit.com",
            "developer.api.intuit.com",
        ])
        .icon(include_str!("icon.svg"))
        .scheme::<Client>("oauth2", "Access that a person grants", [oauth2()])
        .test::<Company>()
        .host_webhook(&WEBHOOK)
}

/// The person comes back with the company's id. Access lasts for an hour; what it is renewed with changes.
/// <https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0>
fn oauth2() -> Injection {
    Injection::OAuth2AuthorizationCode {
        authorize_url: "https://appcenter.intuit.com/connect/oauth2".to_owned(),
        token_url: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer".to_owned(),
        revoke_url: Some("https://developer.api.intuit.com/v2/oauth2/tokens/revoke".to_owned()),
        client_id: "{clientId}".to_owned(),
        client_secret: "{clientSecret}".to_owned(),
        scope: "com.intuit.quickbooks.accounting".to_owned(),
        parameters: BTreeMap::new(),
        keep: vec!["realmId".to_owned()],
        exchanges: Vec::new(),
    }
}

/// The company that access was granted to.
struct Company;

impl CredentialTest for Company {
    async fn test(context: Context) -> Result<CredentialTested> {
        let realm = company(&context)?.unwrap_or_default();
        // It has to stay within its segment of the path.
        if realm.bytes().any(|byte| !byte.is_ascii_digit()) {
            return Err(Error::new(
                code::INVALID_CONFIG,
                "realmId in the settings of the connected app is no company's id, which has digits only.",
            ));
        }
        let answer = send(request(&context, "GET", &format!("/companyinfo/{realm}"))?).await?;
        let company = &answer["CompanyInfo"];
        let name = company["CompanyName"]
            .as_str()
            .or(company["LegalName"].as_str());
        Ok(CredentialTested {
            account: Some(name.unwrap_or(&realm).to_owned()),
            details: company["Country"]
                .as_str()
                .map(|country| json!({"country": country})),
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn test(settings: &Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
        let stage = testing::plugin(crate::plugin())
            .credential_test("quickbooks")
            .connected_app("quickbooks", settings);
        replies
            .into_iter()
            .fold(stage, |stage, reply| stage.reply(reply))
            .run()
    }

    fn company() -> Reply {
        Reply::json(
            200,
            &json!({"CompanyInfo": {"CompanyName": "Acme Cleaning", "Country": "US", "Id": "1"}, "time": "2026-11-28T01:00:00.000-08:00"}),
        )
    }

    #[test]
    fn access_is_tested_with_the_company() {
        let ran = test(&json!({"realmId": "4711"}), [company()]);
        assert_eq!(
            ran.output(),
            json!({"account": "Acme Cleaning", "details": {"country": "US"}})
        );
        as_the_sdk("company", &ran.requests[0]);
        let ran = test(&json!({"realmId": "4711", "sandbox": true}), [company()]);
        assert_eq!(
            ran.requests[0].url,
            "https://sandbox-quickbooks.api.intuit.com/v3/company/4711/companyinfo/4711"
        );
    }

    #[test]
    fn an_app_without_a_company_is_told_how_to_get_one() {
        let ran = test(&json!({}), []);
        assert_eq!(
            ran.error().to_string(),
            "NO_CREDENTIAL: The connected app has no company yet: grant it access to one with `startOAuth`, or set realmId in its settings."
        );
        let ran = test(&json!({"realmId": "../4711"}), []);
        assert_eq!(ran.error().code, "INVALID_CONFIG");
    }

    #[test]
    fn access_that_is_refused_is_told_with_quickbooks_words() {
        // As the gateway before the API writes it.
        let fault = json!({
            "warnings": null, "intuitObject": null, "fault": {
                "error": [{"message": "message=AuthenticationFailed; errorCode=003200; statusCode=401", "detail": "Token expired", "code": "3200", "element": null}],
                "type": "AUTHENTICATION",
            }, "report": null, "queryResponse": null, "status": null, "time": 1_764_000_000_000_u64,
        });
        let ran = test(&json!({"realmId": "4711"}), [Reply::json(401, &fault)]);
        assert_eq!(
            ran.error().to_string(),
            "CREDENTIAL: quickbooks.api.intuit.com answered 401: Token expired. Grant the connected app access to the company again \
             with `startOAuth`."
        );
        let ran = test(&json!({"realmId": "4711"}), [Reply::new(503)]);
        assert!(ran.error().retryable);
    }
}
