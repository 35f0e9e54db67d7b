use std::sync::Arc;
use std::time::Duration;

use http::Method;
use jackfield_egress::{Egress, Request};
use jackfield_storage::{Clock, Timestamp};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;
use url::Url;

use crate::auth::AuthError;

/// How long keys are used before they are fetched again.
const FRESH: Duration = Duration::from_secs(3600);
/// How long keys are used when the issuer cannot be reached.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// How often keys are fetched at most: a token with an unknown key id must not make us a nuisance to the issuer.
const INTERVAL: Duration = Duration::from_secs(30);
const MAX_BYTES: usize = 256 * 1024;
const TIMEOUT: Duration = Duration::from_secs(5);

/// A public key with the one algorithm that it is for.
pub struct IssuerKey {
    id: Option<String>,
    /// The algorithm that follows from the key's type.
    pub algorithm: Algorithm,
    /// The key.
    pub key: DecodingKey,
}

/// The keys that an issuer publishes, fetched when they are needed and kept for a while.
pub struct KeySet {
    url: Url,
    egress: Egress,
    clock: Clock,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    keys: Vec<Arc<IssuerKey>>,
    fetched: Option<Timestamp>,
    tried: Option<Timestamp>,
}

impl Cache {
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<IssuerKey>> {
        let fitting = || self.keys.iter().filter(|key| key.algorithm == algorithm);
        match id {
            Some(id) => fitting().find(|key| key.id.as_deref() == Some(id)).cloned(),
            // Without an id there must be no doubt.
            None => fitting().next().filter(|_| fitting().count() == 1).cloned(),
        }
    }

    fn younger_than(&self, age: Duration, now: Timestamp) -> bool {
        self.fetched.is_some_and(|fetched| now.since(fetched) < age)
    }
}

impl KeySet {
    pub fn new(url: Url, egress: Egress, clock: Clock) -> Self {
        Self {
            url,
            egress,
            clock,
            cache: Mutex::default(),
        }
    }

    /// The key of that id for that algorithm.
    ///
    /// # Errors
    ///
    /// When the issuer has no such key, or cannot be reached and what is known of its keys is too old.
    pub async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<IssuerKey>, AuthError> {
        let now = self.clock.now();
        // Held while fetching, so that those who wait share one request.
        let mut cache = self.cache.lock().await;
        let known = cache.find(id, algorithm);
        if let Some(key) = known.filter(|_| cache.younger_than(FRESH, now)) {
            return Ok(key);
        }
        if cache.tried.is_none_or(|tried| now.since(tried) >= INTERVAL) {
            cache.tried = Some(now);
            match self.fetch().await {
                Ok(keys) => (cache.keys, cache.fetched) = (keys, Some(now)),
                Err(error) => {
                    tracing::warn!(url = %self.url, error, "the keys of an issuer cannot be fetched")
                }
            }
        }
        if !cache.younger_than(STALE, now) {
            return Err(AuthError::Unavailable(
                "the keys of its issuer cannot be fetched",
            ));
        }
        cache
            .find(id, algorithm)
            .ok_or(AuthError::Token("its issuer has no such key"))
    }

    async fn fetch(&self) -> Result<Vec<Arc<IssuerKey>>, String> {
        let mut request = Request::new(Method::GET, self.url.clone());
        request.timeout = Some(TIMEOUT);
        request.max_bytes = Some(MAX_BYTES);
        let response = self
            .egress
            .send(request)
            .await
            .map_err(|error| error.to_string())?;
        if !response.status.is_success() {
            return Err(format!("the answer is {}", response.status));
        }
        read(&response.body)
    }
}

/// Reads a JWK set (RFC 7517 §5). Keys of other types and for other uses are passed over.
fn read(body: &[u8]) -> Result<Vec<Arc<IssuerKey>>, String> {
    #[derive(serde::Deserialize)]
    struct Set {
        keys: Vec<serde_json::Value>,
    }
    let set: Set = serde_json::from_slice(body)
        .map_err(|error| format!("the answer is not a JWK set: {error}"))?;
    let keys = set
        .keys
        .into_iter()
        .filter_map(|key| serde_json::from_value(key).ok());
    Ok(keys
        .filter_map(|key: Jwk| issuer_key(&key))
        .map(Arc::new)
        .collect())
}

fn issuer_key(jwk: &Jwk) -> Option<IssuerKey> {
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let for_signing = jwk
        .common
        .public_key_use
        .as_ref()
        .is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let fits = jwk
        .common
        .key_algorithm
        .is_none_or(|algorithm| algorithm == named);
    let key = DecodingKey::from_jwk(jwk)
        .ok()
        .filter(|_| for_signing && fits)?;
    Some(IssuerKey {
        id: jwk.common.key_id.clone(),
        algorithm,
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bound_to_one_algorithm() {
        let body = br#"{"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            {"kty": "EC", "crv": "P-256", "kid": "b", "alg": "ES256",
             "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
            {"kty": "EC", "crv": "P-256", "kid": "c", "use": "enc",
             "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
            {"kty": "oct", "kid": "d", "k": "c2VjcmV0"},
            {"kty": "new", "kid": "e"}
        ]}"#;
        let cache = Cache {
            keys: read(body).unwrap(),
            ..Cache::default()
        };
        assert_eq!(cache.keys.len(), 2);
        assert!(cache.find(Some("a"), Algorithm::EdDSA).is_some());
        assert!(cache.find(Some("a"), Algorithm::HS256).is_none());
        assert!(cache.find(Some("b"), Algorithm::EdDSA).is_none());
        assert!(cache.find(None, Algorithm::ES256).is_some());
        assert!(cache.find(Some("d"), Algorithm::HS256).is_none());
    }
}
