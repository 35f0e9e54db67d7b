use std::time::Duration;

use jackfield_storage::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use url::Url;

use super::{TokenError, TokenRequest};
use crate::{code, secret::Secret};

/// The longest that Google takes.
const LIFETIME: Duration = Duration::from_secs(3600);

/// An account that proves itself with a key of its own.
pub struct ServiceAccount {
    /// The token endpoint as the provider knows it.
    pub audience: String,
    /// Where it is really asked.
    pub url: Url,
    pub issuer: String,
    /// RSA, PEM.
    pub private_key: Secret,
    pub key_id: String,
    pub scope: String,
    pub subject: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    aud: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    sub: &'a str,
    iat: i64,
    exp: i64,
}

impl ServiceAccount {
    /// Signs what a token is asked for with.
    pub fn request(&self, now: Timestamp) -> Result<TokenRequest, TokenError> {
        let unusable = || {
            let message = "the private key of the connected app is no RSA key in PEM: enter it again, with its line breaks";
            TokenError::unusable(code::CREDENTIAL_UNUSABLE, message.to_owned())
        };
        // Where JSON was copied by hand, its line breaks are still written as two characters.
        let pem = Secret::new(self.private_key.expose().replace("\\n", "\n"));
        let key = EncodingKey::from_rsa_pem(pem.expose().as_bytes()).map_err(|_| unusable())?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.key_id.clone()).filter(|id| !id.is_empty());
        let seconds = |instant: Timestamp| instant.as_micros() / 1_000_000;
        let claims = Claims {
            iss: &self.issuer,
            scope: &self.scope,
            aud: &self.audience,
            sub: &self.subject,
            iat: seconds(now),
            exp: seconds(now.after(LIFETIME)),
        };
        let assertion = encode(&header, &claims, &key).map_err(|_| unusable())?;
        Ok(TokenRequest::jwt_bearer(
            self.url.clone(),
            Secret::new(assertion),
        ))
    }
}
