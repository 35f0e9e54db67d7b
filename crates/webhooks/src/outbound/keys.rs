//! The keys that sign what is sent: made here, sealed at rest, shown once.

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_connected_apps::{SealError, Sealer, Secret, Subject};
use jackfield_storage::{
    Clock, Timestamp,
    ids::{WebhookEndpointId, WorkspaceId},
    webhook_endpoint::Algorithm,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How many random bytes a key has.
const KEY_BYTES: usize = 32;

/// The keys of an endpoint, the newest first.
pub(super) struct Keys(Vec<Kept>);

struct Kept {
    /// `whsec_…` or `whsk_…`.
    secret: Secret,
    /// Until when it signs, once there is a newer one.
    until: Option<Timestamp>,
}

/// A key, ready to sign.
pub(super) struct SigningKey {
    key: Key,
    until: Option<Timestamp>,
}

enum Key {
    Hmac(Box<hmac::Key>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl Keys {
    /// One new key.
    pub fn generate(algorithm: Algorithm, clock: &Clock) -> Self {
        Self(vec![Kept::generate(algorithm, clock)])
    }

    /// None at all, when they are lost.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// A new key in front; those before it sign until `until` at the latest.
    pub fn rotate(&mut self, algorithm: Algorithm, clock: &Clock, until: Timestamp) {
        self.0
            .retain(|key| key.until.is_none_or(|end| end > clock.now()));
        for key in &mut self.0 {
            key.until = Some(key.until.map_or(until, |end| end.min(until)));
        }
        self.0.insert(0, Kept::generate(algorithm, clock));
    }

    /// What receivers check with: the newest key itself, or its public half.
    pub fn shown(&self) -> Option<String> {
        let newest = self.0.first()?.secret.expose();
        match newest.strip_prefix("whsk_") {
            None => Some(newest.to_owned()),
            Some(seed) => {
                let pair = pair(seed)?;
                let public = pair.public_key().as_ref();
                Some(format!("whpk_{}", STANDARD.encode(public)))
            }
        }
    }

    /// Seals the keys for the row of their endpoint.
    pub fn seal(
        &self,
        sealer: &Sealer,
        workspace: WorkspaceId,
        endpoint: WebhookEndpointId,
    ) -> Result<Vec<u8>, SealError> {
        let keys: Vec<Value> = self
            .0
            .iter()
            .map(|key| json!([key.secret.expose(), key.until.map(Timestamp::as_micros)]))
            .collect();
        let plain = Zeroizing::new(Value::from(keys).to_string());
        sealer.seal(&Subject::new(workspace, endpoint), plain.as_bytes())
    }

    /// Opens what [`Keys::seal`] made for the same endpoint.
    pub fn open(
        sealer: &Sealer,
        workspace: WorkspaceId,
        endpoint: WebhookEndpointId,
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let plain = sealer.open(&Subject::new(workspace, endpoint), sealed)?;
        let keys: Vec<(Secret, Option<i64>)> =
            serde_json::from_slice(&plain).map_err(|_| SealError::Damaged)?;
        let keys = keys.into_iter().map(|(secret, until)| Kept {
            secret,
            until: until.map(Timestamp::from_micros),
        });
        Ok(Self(keys.collect()))
    }

    /// The keys, ready to sign.
    pub fn signing(&self) -> Vec<SigningKey> {
        let keys = self.0.iter().filter_map(|kept| {
            let text = kept.secret.expose();
            let key = match text.strip_prefix("whsk_") {
                Some(seed) => Key::Ed25519(Box::new(pair(seed)?)),
                None => {
                    let bytes = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
                    Key::Hmac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
                }
            };
            let until = kept.until;
            Some(SigningKey { key, until })
        });
        keys.collect()
    }
}

impl Kept {
    fn generate(algorithm: Algorithm, clock: &Clock) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        clock.random(bytes.as_mut());
        let prefix = match algorithm {
            Algorithm::HmacSha256 => "whsec_",
            Algorithm::Ed25519 => "whsk_",
        };
        Self {
            secret: Secret::new(format!("{prefix}{}", STANDARD.encode(bytes.as_ref()))),
            until: None,
        }
    }
}

fn pair(seed: &str) -> Option<Ed25519KeyPair> {
    let seed = Zeroizing::new(STANDARD.decode(seed).ok()?);
    Ed25519KeyPair::from_seed_unchecked(&seed).ok()
}

/// The value of the signature header of Standard Webhooks: `{id}.{timestamp}.{body}` signed with each key that is alive.
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
pub(super) fn sign(
    keys: &[SigningKey],
    now: Timestamp,
    id: &str,
    timestamp: &str,
    body: &[u8],
) -> String {
    let mut header = String::new();
    for key in keys
        .iter()
        .filter(|key| key.until.is_none_or(|until| until > now))
    {
        if !header.is_empty() {
            header.push(' ');
        }
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
        match &key.key {
            Key::Hmac(key) => {
                let mut context = hmac::Context::with_key(key);
                parts.iter().for_each(|part| context.update(part));
                header.push_str("v1,");
                STANDARD.encode_string(context.sign(), &mut header);
            }
            Key::Ed25519(pair) => {
                header.push_str("v1a,");
                STANDARD.encode_string(pair.sign(&parts.concat()), &mut header);
            }
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn signs_the_published_vector() {
        let keys = Keys(vec![Kept {
            secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()),
            until: None,
        }]);
        let signed = sign(
            &keys.signing(),
            Timestamp::EPOCH,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_rotated_key_signs_until_its_end() {
        let clock = Clock::seeded(Timestamp::EPOCH, 1);
        let end = Timestamp::EPOCH.after(Duration::from_secs(60));
        for (algorithm, version, shown) in [
            (Algorithm::HmacSha256, "v1,", "whsec_"),
            (Algorithm::Ed25519, "v1a,", "whpk_"),
        ] {
            let mut keys = Keys::generate(algorithm, &clock);
            keys.rotate(algorithm, &clock, end);
            assert!(keys.shown().is_some_and(|text| text.starts_with(shown)));
            let keys = keys.signing();
            let signed = |now| sign(&keys, now, "id", "0", b"{}");
            let during = signed(Timestamp::EPOCH);
            assert_eq!(during.matches(version).count(), 2, "{during}");
            assert_eq!(signed(end), during.split(' ').next().unwrap_or_default());
        }
    }
}
