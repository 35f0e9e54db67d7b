//! The provider: its key, and how to test it.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection, code};

use crate::api::{search, ways};

/// A key of the Google Maps Platform.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Key {
    /// Google Cloud, Google Maps Platform, Keys and credentials. The project needs the Geocoding API, and for directions the Routes
    /// API; a key that is restricted to websites or apps does not work on a server.
    #[field(secret, label = "API key", min_length = 1, placeholder = "AIza…")]
    api_key: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("google-maps", "Google Maps")
        .description("Addresses, coordinates and ways.")
        .hosts(["maps.googleapis.com", "routes.googleapis.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<Key>("api_key", "API key", [Injection::query("key", "{apiKey}")])
        .test::<Usable>()
}

/// What the key is good for. Google has nothing that is free of charge and says it, so one address is looked for.
struct Usable;

impl CredentialTest for Usable {
    async fn test(context: Context) -> Result<CredentialTested> {
        let address = json!({"address": "1600 Amphitheatre Parkway, Mountain View, CA"});
        match search(&context, &address).await {
            Ok(_) => Ok(CredentialTested {
                account: Some("a key for geocoding".to_owned()),
                details: None,
            }),
            Err(refusal) if refusal.code == code::CREDENTIAL => for_routes(&context, refusal).await,
            Err(error) => Err(error),
        }
    }
}

/// A key may be restricted to routes: then it is none for addresses, and still one.
async fn for_routes(context: &Context, refusal: Error) -> Result<CredentialTested> {
    let at = |latitude: f64, longitude: f64| json!({"location": {"latLng": {"latitude": latitude, "longitude": longitude}}});
    let asked = json!({"origin": at(37.422, -122.0841), "destination": at(37.4221, -122.0842)});
    match ways(context, &["routes.distanceMeters"], &asked).await {
        Ok(_) => Ok(CredentialTested {
            account: Some("a key for directions only".to_owned()),
            details: Some(json!({"geocoding": refusal.message})),
        }),
        Err(error) if error.retryable => Err(error),
        Err(_) => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn test(replies: impl IntoIterator<Item = Reply>) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("google-maps");
        let stage = replies
            .into_iter()
            .fold(stage, |stage, reply| stage.reply(reply));
        stage.run()
    }

    fn status(status: &str, message: &str) -> Reply {
        Reply::json(
            200,
            &json!({"status": status, "error_message": message, "results": []}),
        )
    }

    fn blocked() -> Reply {
        let said = "Requests to this API routes.googleapis.com method google.maps.routing.v2.Routes.ComputeRoutes are blocked.";
        let reason = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_SERVICE_BLOCKED", "domain": "googleapis.com"});
        let error = json!({"code": 403, "message": said, "status": "PERMISSION_DENIED", "details": [reason]});
        Reply::json(403, &json!({"error": error}))
    }

    #[test]
    fn a_key_is_tested_with_an_address() {
        let ran = test([status("OK", "")]);
        assert_eq!(ran.output(), json!({"account": "a key for geocoding"}));
        as_the_sdk("test", &ran.requests[0]);
        assert!(test([status("ZERO_RESULTS", "")]).result.is_ok());
    }

    #[test]
    fn a_key_for_routes_alone_is_a_key() {
        let said = "This API is not activated on your API project.";
        let denied = || status("REQUEST_DENIED", said);
        let way = Reply::json(200, &json!({"routes": [{"distanceMeters": 14}]}));
        let ran = test([denied(), way]);
        assert_eq!(
            ran.output(),
            json!({
                "account": "a key for directions only",
                "details": {"geocoding": format!("maps.googleapis.com answered 200: {said}")},
            })
        );
        as_the_sdk("test_routes", &ran.requests[1]);
        assert!(test([denied(), Reply::new(503)]).error().retryable);
    }

    #[test]
    fn a_key_for_neither_is_refused_with_googles_words() {
        let said = "The provided API key is invalid.";
        let ran = test([status("REQUEST_DENIED", said), blocked()]);
        assert_eq!(
            ran.error().to_string(),
            format!("CREDENTIAL: maps.googleapis.com answered 200: {said}")
        );
        assert!(!ran.error().retryable);
        let billing = test([status("OVER_DAILY_LIMIT", "You must enable Billing.")]);
        assert_eq!(billing.error().code, "OVER_DAILY_LIMIT");
        assert!(!billing.error().retryable);
        assert!(test([Reply::new(503)]).error().retryable);
    }
}
