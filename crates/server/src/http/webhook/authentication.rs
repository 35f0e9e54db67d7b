use jackfield_connected_apps::Secret;
use jackfield_storage::webhook_endpoint::{Authentication, ClientAuthentication, OAuth2};
use jackfield_webhooks::outbound::AuthenticationInput;
use serde::Deserialize;

/// How the server is to prove itself to an endpoint.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Given {
    None,
    Bearer {
        token: Secret,
    },
    Basic {
        username: String,
        password: Secret,
    },
    #[serde(rename = "oauth2")]
    OAuth2 {
        token_url: String,
        client_id: String,
        client_secret: Secret,
        scope: Option<String>,
        audience: Option<String>,
        client_authentication: Option<ClientAuthentication>,
    },
}

impl From<Given> for Option<AuthenticationInput> {
    fn from(given: Given) -> Self {
        let (shown, secret) = match given {
            Given::None => return None,
            Given::Bearer { token } => (Authentication::Bearer, token),
            Given::Basic { username, password } => (Authentication::Basic { username }, password),
            Given::OAuth2 {
                token_url,
                client_id,
                client_secret,
                scope,
                audience,
                client_authentication,
            } => {
                let client = OAuth2 {
                    token_url,
                    client_id,
                    scope: scope.filter(|text| !text.is_empty()),
                    audience: audience.filter(|text| !text.is_empty()),
                    client_authentication: client_authentication
                        .unwrap_or(ClientAuthentication::Basic),
                };
                (Authentication::OAuth2(client), client_secret)
            }
        };
        Some(AuthenticationInput { shown, secret })
    }
}
