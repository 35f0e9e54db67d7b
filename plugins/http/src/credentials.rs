//! The generic provider `http`: credentials for APIs that have no provider of their own.
#![expect(
    dead_code,
    reason = "credentials are described here, and only the host ever holds one"
)]

use jackfield_plugin_sdk::{Config, Injection, Provider};

/// A token in the header `Authorization: Bearer …`.
#[derive(Config)]
struct Bearer {
    /// Sent as it is.
    #[field(secret, min_length = 1)]
    token: String,
}

/// A key in a header or query parameter.
#[derive(Config)]
struct ApiKey {
    /// What the header or query parameter is called.
    #[field(min_length = 1, example = "X-Api-Key")]
    name: String,
    /// The key.
    #[field(secret, min_length = 1)]
    value: String,
    /// Where it goes.
    r#in: Place,
}

#[derive(Config)]
enum Place {
    Header,
    #[field(label = "Query parameter")]
    Query,
}

/// User and password, RFC 7617.
#[derive(Config)]
struct Basic {
    /// Many APIs take a key here.
    #[field(label = "User name", pattern = "^[^:]*$")]
    username: String,
    /// May be empty.
    #[field(secret)]
    password: String,
}

/// An access token that is fetched when needed, RFC 6749 section 4.4.
#[derive(Config)]
struct ClientCredentials {
    /// Where tokens are fetched.
    #[field(
        label = "Token URL",
        pattern = "^https?://",
        example = "https://auth.example.com/oauth/token"
    )]
    token_url: String,
    /// The client.
    #[field(label = "Client ID", min_length = 1)]
    client_id: String,
    /// Its secret.
    #[field(secret, min_length = 1)]
    client_secret: String,
    /// Scopes, separated by spaces. Without it the server decides.
    #[field(default, example = "bookings.read bookings.write")]
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
