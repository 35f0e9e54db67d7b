use async_graphql::{Enum, InputObject, OneofObject, SimpleObject};
use jackfield_storage::webhook_endpoint::{self, Authentication, OAuth2};
use jackfield_webhooks::outbound::AuthenticationInput;

/// How the server proves itself to an endpoint, besides by its signature. It is given as a whole: what is secret has to be given
/// with each change of it.
#[derive(OneofObject)]
pub enum EndpointAuthenticationInput {
    /// `true`: by nothing else; `false` leaves it as it is.
    None(bool),
    /// `Authorization: Bearer` with this token.
    Bearer(BearerAuthenticationInput),
    /// `Authorization: Basic` with this user.
    Basic(BasicAuthenticationInput),
    /// `Authorization: Bearer` with a token that a token endpoint gives, by OAuth 2.0 client credentials.
    #[graphql(name = "oauth2")]
    OAuth2(OAuth2AuthenticationInput),
}

/// A token.
#[derive(InputObject)]
pub struct BearerAuthenticationInput {
    /// The token, which is not shown again.
    token: String,
}

/// A user.
#[derive(InputObject)]
pub struct BasicAuthenticationInput {
    /// The user's name, without a colon.
    username: String,
    /// The password, which is not shown again.
    password: String,
}

/// A client of an authorization server.
#[derive(InputObject)]
#[graphql(name = "OAuth2AuthenticationInput")]
pub struct OAuth2AuthenticationInput {
    /// The token endpoint: `https://`, and no private address.
    token_url: String,
    /// Who asks for the token.
    client_id: String,
    /// What proves it, which is not shown again.
    client_secret: String,
    /// What is asked for, words with spaces between them; what the server gives by itself when there is none.
    scope: Option<String>,
    /// For whom the token is to be, where the server wants to know.
    audience: Option<String>,
    /// How the client proves itself; `BASIC` by default.
    client_authentication: Option<ClientAuthentication>,
}

/// How a client proves itself to a token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "webhook_endpoint::ClientAuthentication")]
pub enum ClientAuthentication {
    /// By HTTP Basic.
    Basic,
    /// With `client_id` and `client_secret` in the form.
    Body,
}

/// A way for the server to prove itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum EndpointAuthenticationKind {
    /// A token that is always the same.
    Bearer,
    /// A user with a password.
    Basic,
    /// A token that a token endpoint gives.
    #[graphql(name = "OAUTH2")]
    OAuth2,
}

/// How the server proves itself to an endpoint. What is secret is not shown.
#[derive(SimpleObject)]
pub struct EndpointAuthentication {
    /// The way.
    kind: EndpointAuthenticationKind,
    /// With `BASIC`: the user's name.
    username: Option<String>,
    /// With `OAUTH2`: the token endpoint.
    token_url: Option<String>,
    /// With `OAUTH2`: who asks for the token.
    client_id: Option<String>,
    /// With `OAUTH2`: what is asked for.
    scope: Option<String>,
    /// With `OAUTH2`: for whom the token is to be.
    audience: Option<String>,
    /// With `OAUTH2`: how the client proves itself.
    client_authentication: Option<ClientAuthentication>,
}

impl From<EndpointAuthenticationInput> for Option<AuthenticationInput> {
    fn from(given: EndpointAuthenticationInput) -> Self {
        let (shown, secret) = match given {
            EndpointAuthenticationInput::None(_) => return None,
            EndpointAuthenticationInput::Bearer(given) => (Authentication::Bearer, given.token),
            EndpointAuthenticationInput::Basic(given) => {
                let username = given.username;
                (Authentication::Basic { username }, given.password)
            }
            EndpointAuthenticationInput::OAuth2(given) => {
                let proof = given.client_authentication;
                let client = OAuth2 {
                    token_url: given.token_url,
                    client_id: given.client_id,
                    scope: given.scope.filter(|text| !text.is_empty()),
                    audience: given.audience.filter(|text| !text.is_empty()),
                    client_authentication: proof.unwrap_or(ClientAuthentication::Basic).into(),
                };
                (Authentication::OAuth2(client), given.client_secret)
            }
        };
        Some(AuthenticationInput {
            shown,
            secret: secret.into(),
        })
    }
}

impl From<Authentication> for EndpointAuthentication {
    fn from(stored: Authentication) -> Self {
        let of_kind = |kind| Self {
            kind,
            username: None,
            token_url: None,
            client_id: None,
            scope: None,
            audience: None,
            client_authentication: None,
        };
        match stored {
            Authentication::Bearer => of_kind(EndpointAuthenticationKind::Bearer),
            Authentication::Basic { username } => Self {
                username: Some(username),
                ..of_kind(EndpointAuthenticationKind::Basic)
            },
            Authentication::OAuth2(client) => Self {
                token_url: Some(client.token_url),
                client_id: Some(client.client_id),
                scope: client.scope,
                audience: client.audience,
                client_authentication: Some(client.client_authentication.into()),
                ..of_kind(EndpointAuthenticationKind::OAuth2)
            },
        }
    }
}
