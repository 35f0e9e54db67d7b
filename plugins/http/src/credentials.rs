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

/// Access that a person grants in the browser, RFC 6749 section 4.1.
#[derive(Config)]
struct AuthorizationCode {
    /// The page where the person grants it.
    #[field(
        label = "Authorization URL",
        pattern = "^https?://",
        example = "https://auth.example.com/oauth/authorize"
    )]
    authorize_url: String,
    /// Where tokens are fetched.
    #[field(
        label = "Token URL",
        pattern = "^https?://",
        example = "https://auth.example.com/oauth/token"
    )]
    token_url: String,
    /// The client. Register `/oauth/callback` of this server's public URL for it.
    #[field(label = "Client ID", min_length = 1)]
    client_id: String,
    /// Its secret.
    #[field(secret, min_length = 1)]
    client_secret: String,
    /// Scopes, separated by spaces.
    #[field(default, example = "bookings.read offline_access")]
    scope: String,
}

/// A token for a service account with a key of its own, RFC 7523 section 2.1.
#[derive(Config)]
struct ServiceAccount {
    /// Where tokens are fetched.
    #[field(
        label = "Token URL",
        pattern = "^https?://",
        example = "https://oauth2.googleapis.com/token"
    )]
    token_url: String,
    /// The account, such as its e-mail address.
    #[field(min_length = 1, example = "robot@project.iam.example.com")]
    issuer: String,
    /// Its RSA key, PEM.
    #[field(secret, min_length = 1)]
    private_key: String,
    /// The key's id.
    #[field(default, label = "Key ID")]
    key_id: String,
    /// Scopes, separated by spaces.
    #[field(default)]
    scope: String,
    /// The user on whose behalf, where the account may act for others.
    #[field(default)]
    subject: String,
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
        .scheme::<AuthorizationCode>(
            "oauth2_authorization_code",
            "OAuth 2.0, granted by a person",
            [Injection::OAuth2AuthorizationCode {
                authorize_url: "{authorizeUrl}".to_owned(),
                token_url: "{tokenUrl}".to_owned(),
                revoke_url: None,
                client_id: "{clientId}".to_owned(),
                client_secret: "{clientSecret}".to_owned(),
                scope: "{scope}".to_owned(),
                parameters: Default::default(),
                keep: Vec::new(),
                exchanges: Vec::new(),
            }],
        )
        .scheme::<ServiceAccount>(
            "jwt_bearer",
            "OAuth 2.0 service account",
            [Injection::JwtBearer {
                token_url: "{tokenUrl}".to_owned(),
                issuer: "{issuer}".to_owned(),
                private_key: "{privateKey}".to_owned(),
                key_id: "{keyId}".to_owned(),
                scope: "{scope}".to_owned(),
                subject: "{subject}".to_owned(),
            }],
        )
}
