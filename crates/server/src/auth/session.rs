use std::time::Duration;

use jackfield_storage::Timestamp;
use jackfield_storage::access::Role;
use jackfield_storage::ids::{ApiKeyId, SessionId, UserId, WorkspaceId};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::AuthError;
use super::claims::Claims;

/// In a second.
const MICROS: f64 = 1e6;

/// Both issuer and audience of our own tokens.
const ISSUER: &str = "jackfield";

/// Signs and verifies session tokens: short-lived JWTs (HS256) that stand for a user who has signed in, or for an API key in a
/// browser.
pub struct Sessions {
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// What a session token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// It stands for an API key.
    Key {
        /// The key's workspace.
        workspace: WorkspaceId,
        /// The key that minted it.
        key: ApiKeyId,
        /// What its holder may do; at most the key's role.
        role: Role,
        /// When it was minted.
        issued: Timestamp,
    },
    /// It stands for a user.
    User {
        /// The workspace that they see.
        workspace: WorkspaceId,
        /// Who has signed in.
        user: UserId,
        /// What they do since then.
        session: SessionId,
    },
}

#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    /// An API key or a user.
    sub: String,
    ws: WorkspaceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    /// With its fraction (RFC 7519 §2), so that it is known whether it was before a rotation of the key.
    iat: f64,
    exp: i64,
}

impl Payload {
    fn session(&self) -> Option<Session> {
        if let Ok(key) = self.sub.parse() {
            return Some(Session::Key {
                workspace: self.ws,
                key,
                role: self.role?,
                issued: Timestamp::from_micros((self.iat * MICROS).round() as i64),
            });
        }
        Some(Session::User {
            workspace: self.ws,
            user: self.sub.parse().ok()?,
            session: self.sid?,
        })
    }
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
        let (sub, workspace, role, sid) = match session {
            Session::Key {
                workspace,
                key,
                role,
                ..
            } => (key.to_string(), workspace, Some(role), None),
            Session::User {
                workspace,
                user,
                session,
            } => (user.to_string(), workspace, None, Some(session)),
        };
        let payload = Payload {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub,
            ws: workspace,
            role,
            sid,
            iat: now.as_micros() as f64 / MICROS,
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
        let payload = serde_json::from_value::<Payload>(Value::Object(payload)).ok();
        payload
            .and_then(|payload| payload.session())
            .ok_or(AuthError::Token("its claims are malformed"))
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
        Session::Key {
            workspace: clock.id(),
            key: clock.id(),
            role: Role::Viewer,
            issued: clock.now(),
        }
    }

    #[test]
    fn a_session_lives_until_it_expires() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let sessions = Sessions::new(&[7; 32]);
        let user = Session::User {
            workspace: clock.id(),
            user: clock.id(),
            session: clock.id(),
        };
        let (token, _) = sessions.sign(user, clock.now(), HOUR).unwrap();
        assert_eq!(sessions.verify(&token, clock.now()).unwrap(), user);
        let key = session(&clock);
        let (token, expires) = sessions.sign(key, clock.now(), HOUR).unwrap();
        assert!(Sessions::issued(&token));
        assert_eq!(sessions.verify(&token, clock.now()).unwrap(), key);
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
