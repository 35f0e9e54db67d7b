//! The generic provider `http`: credentials for APIs that have no provider of their own.
#![expect(
    dead_code,
    reason = "credentials are described here, and only the host ever holds one"
)]

use jackfield_plugin_sdk::{Injection, Provider};
use schemars::JsonSchema;
use serde::Deserialize;

/// A token in the header `Authorization: Bearer …`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bearer {
    /// Sent as it is.
    #[schemars(title = "Token", length(min = 1), extend("writeOnly" = true))]
    token: String,
}

/// A key in a header or query parameter.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApiKey {
    /// What the header or query parameter is called.
    #[schemars(title = "Name", length(min = 1), example = "X-Api-Key")]
    name: String,
    /// The key.
    #[schemars(title = "Value", length(min = 1), extend("writeOnly" = true))]
    value: String,
    /// Where it goes.
    #[schemars(title = "In")]
    r#in: Place,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Place {
    Header,
    Query,
}

/// User and password, RFC 7617.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Basic {
    /// Many APIs take a key here.
    #[schemars(title = "User name", regex(pattern = "^[^:]*$"))]
    username: String,
    /// May be empty.
    #[schemars(title = "Password", extend("writeOnly" = true))]
    password: String,
}

/// An access token that is fetched when needed, RFC 6749 section 4.4.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClientCredentials {
    /// Where tokens are fetched.
    #[schemars(
        title = "Token URL",
        regex(pattern = "^https?://"),
        example = "https://auth.example.com/oauth/token"
    )]
    token_url: String,
    /// The client.
    #[schemars(title = "Client ID", length(min = 1))]
    client_id: String,
    /// Its secret.
    #[schemars(title = "Client secret", length(min = 1), extend("writeOnly" = true))]
    client_secret: String,
    /// Scopes, separated by spaces. Without it the server decides.
    #[schemars(title = "Scope", example = "bookings.read bookings.write")]
    #[serde(default)]
    scope: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("http", "HTTP API")
        .description("Credentials for any HTTP API.")
        .hosts(["*"])
        .scheme::<Bearer>(
            "bearer",
            "Bearer token",
            [Injection::header("Authorization", "Bearer {token}")],
        )
        .scheme::<ApiKey>(
            "api_key",
            "API key",
            [
                Injection::header("{name}", "{value}").only_if("in", "header"),
                Injection::query("{name}", "{value}").only_if("in", "query"),
            ],
        )
        .scheme::<Basic>(
            "basic",
            "User name and password",
            [Injection::Basic {
                username: "{username}".to_owned(),
                password: "{password}".to_owned(),
            }],
        )
        .scheme::<ClientCredentials>(
            "oauth2_client_credentials",
            "OAuth 2.0 client credentials",
            [Injection::OAuth2ClientCredentials {
                token_url: "{tokenUrl}".to_owned(),
                client_id: "{clientId}".to_owned(),
                client_secret: "{clientSecret}".to_owned(),
                scope: "{scope}".to_owned(),
            }],
        )
}
