use std::time::Duration;

use jackfield_storage::Timestamp;
use jackfield_storage::access::Role;
use jackfield_storage::ids::{ApiKeyId, WorkspaceId};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::AuthError;
use super::claims::Claims;

/// Both issuer and audience of our own tokens.
const ISSUER: &str = "jackfield";

/// Signs and verifies session tokens: short-lived JWTs (HS256) that stand for an API key in a browser.
pub struct Sessions {
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// What a session token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The key's workspace.
    pub workspace: WorkspaceId,
    /// The key that minted it.
    pub key: ApiKeyId,
    /// What its holder may do; at most the key's role.
    pub role: Role,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: ApiKeyId,
    ws: WorkspaceId,
    role: Role,
    iat: i64,
    exp: i64,
}

impl Sessions {
    /// Signs and verifies with this secret.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
        }
    }

    /// Whether a token says that it is one of ours. It is not verified.
    pub fn issued(token: &str) -> bool {
        insecure_decode_claims::<Map<String, Value>>(token)
            .is_ok_and(|claims| claims.get("iss").and_then(Value::as_str) == Some(ISSUER))
    }

    /// Makes a token and says when it expires.
    pub fn sign(
        &self,
        session: Session,
        now: Timestamp,
        lifetime: Duration,
    ) -> Option<(String, Timestamp)> {
        let expires = now.after(lifetime);
        let payload = Payload {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: session.key,
            ws: session.workspace,
            role: session.role,
            iat: now.as_micros() / 1_000_000,
            exp: expires.as_micros() / 1_000_000,
        };
        let token = encode(&Header::new(Algorithm::HS256), &payload, &self.signing).ok()?;
        Some((token, expires))
    }

    /// Verifies a token of ours.
    ///
    /// # Errors
    ///
    /// When it was not signed with our secret, has expired, or is malformed.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Session, AuthError> {
        let payload = verify_signature(token, Algorithm::HS256, &self.verifying)?;
        Claims::new(payload.clone()).check(ISSUER, ISSUER, now)?;
        let payload: Payload = serde_json::from_value(Value::Object(payload))
            .map_err(|_| AuthError::Token("its claims are malformed"))?;
        Ok(Session {
            workspace: payload.ws,
            key: payload.sub,
            role: payload.role,
        })
    }
}

/// Verifies a signature with the one algorithm that the key is for, whatever the token's header says (RFC 8725 §3.1).
/// The claims are left to [`Claims::check`], which takes the time from the injected clock.
///
/// # Errors
///
/// When the signature does not fit, or the header asks for an extension that is not known (RFC 7515 §4.1.11).
pub fn verify_signature(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
) -> Result<Map<String, Value>, AuthError> {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let verified = decode::<Map<String, Value>>(token, key, &validation)
        .map_err(|_| AuthError::Token("its signature is not valid"))?;
    if verified.header.crit.is_some() {
        return Err(AuthError::Token("its header has critical extensions"));
    }
    Ok(verified.claims)
}

#[cfg(test)]
mod tests {
    use jackfield_storage::Clock;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn session(clock: &Clock) -> Session {
        Session {
            workspace: clock.id(),
            key: clock.id(),
            role: Role::Viewer,
        }
    }

    #[test]
    fn a_session_lives_until_it_expires() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let sessions = Sessions::new(&[7; 32]);
        let (token, expires) = sessions.sign(session(&clock), clock.now(), HOUR).unwrap();
        assert!(Sessions::issued(&token));
        assert_eq!(
            sessions.verify(&token, clock.now()).unwrap().role,
            Role::Viewer
        );
        assert!(sessions.verify(&token, expires.after(HOUR)).is_err());
        assert!(Sessions::new(&[8; 32]).verify(&token, clock.now()).is_err());
    }

    #[test]
    fn the_header_does_not_choose_the_algorithm() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let sessions = Sessions::new(&[7; 32]);
        let (token, _) = sessions.sign(session(&clock), clock.now(), HOUR).unwrap();
        let (_, rest) = token.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        // {"alg":"none"}
        assert!(
            sessions
                .verify(&format!("eyJhbGciOiJub25lIn0.{payload}."), clock.now())
                .is_err()
        );
        let other = encode(
            &Header::new(Algorithm::HS384),
            &serde_json::json!({}),
            &EncodingKey::from_secret(&[7; 32]),
        )
        .unwrap();
        assert!(
            verify_signature(
                &other,
                Algorithm::HS256,
                &DecodingKey::from_secret(&[7; 32])
            )
            .is_err()
        );
    }
}
