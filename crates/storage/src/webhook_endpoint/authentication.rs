use serde::{Deserialize, Serialize};

use super::Model;
use crate::text_enum::text_enum;

/// How the server proves itself to an endpoint, besides by its signature. The one secret of it is sealed, in
/// [`Model::sealed_authentication`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Authentication {
    /// `Authorization: Bearer` with a token that is the secret.
    Bearer,
    /// `Authorization: Basic` with a password that is the secret.
    Basic {
        /// The user.
        username: String,
    },
    /// `Authorization: Bearer` with a token that a token endpoint gives; the client's secret is the secret.
    #[serde(rename = "oauth2")]
    OAuth2(OAuth2),
}

/// How an access token is come by: the client credentials grant of RFC 6749, section 4.4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth2 {
    /// The token endpoint.
    pub token_url: String,
    /// Who asks for the token.
    pub client_id: String,
    /// What is asked for, words with spaces between them.
    pub scope: Option<String>,
    /// For whom the token is to be, as some servers want to know.
    pub audience: Option<String>,
    /// How the client proves itself.
    pub client_authentication: ClientAuthentication,
}

text_enum! {
    /// How a client proves itself to a token endpoint: RFC 6749, section 2.3.1.
    pub enum ClientAuthentication {
        /// By HTTP Basic.
        Basic => "basic",
        /// With `client_id` and `client_secret` in the form.
        Body => "body",
    }
}

impl Model {
    /// How the server proves itself to it; nothing when the signature is enough.
    ///
    /// # Errors
    ///
    /// When what is stored cannot be read.
    pub fn authentication(&self) -> Result<Option<Authentication>, serde_json::Error> {
        let stored = self.authentication.as_ref();
        stored.map(crate::Json::parse).transpose()
    }
}
