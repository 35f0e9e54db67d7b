//! The secrets of an inbound hook.

use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_storage::{
    Timestamp,
    ids::{InboundHookId, WorkspaceId},
    inbound_hook::{HookConfig, KeyEncoding, Scheme},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{SealError, Sealer, Secret, Subject};

/// What a sender proves itself with: one secret, or several while one is being replaced. Never empty.
#[derive(Clone)]
pub struct HookSecrets {
    /// Those that stay good for longer come first.
    secrets: Vec<Secret>,
    /// Until when each is good; for ever without an instant.
    until: Vec<Option<Timestamp>>,
}

/// A secret as it is sealed.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sealed {
    Lasting(Secret),
    Ending { secret: Secret, until: i64 },
}

/// A secret that the hook's scheme could not work with. The value is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidHookSecret(&'static str);

impl HookSecrets {
    /// Reads the `secret` of a webhook node: a text, or a list of texts of which each is accepted. `None` when there is
    /// none and the scheme needs none.
    pub fn parse(config: &HookConfig, given: &Value) -> Result<Option<Self>, InvalidHookSecret> {
        const SHAPE: InvalidHookSecret =
            InvalidHookSecret("the secret must be a text, or a list of texts");
        let secrets: Vec<Secret> = match given {
            Value::Null => Vec::new(),
            Value::String(text) if text.is_empty() => Vec::new(),
            Value::String(text) => vec![Secret::new(text.clone())],
            Value::Array(items) => items
                .iter()
                .map(|item| {
                    item.as_str()
                        .filter(|text| !text.is_empty())
                        .map(|text| Secret::new(text.to_owned()))
                })
                .collect::<Option<_>>()
                .ok_or(SHAPE)?,
            _ => return Err(SHAPE),
        };
        for secret in &secrets {
            check(config, secret.expose())?;
        }
        match (secrets.is_empty(), config.scheme) {
            (true, Scheme::None) => Ok(None),
            (true, _) => Err(InvalidHookSecret(
                "this scheme needs the secret that the sender shows or shares",
            )),
            (false, _) => Ok(Some(Self::lasting(secrets))),
        }
    }

    /// Seals the secrets for the row of their hook.
    pub fn seal(
        &self,
        sealer: &Sealer,
        workspace: WorkspaceId,
        hook: InboundHookId,
    ) -> Result<Vec<u8>, SealError> {
        let plain: Vec<Value> = self
            .secrets
            .iter()
            .zip(&self.until)
            .map(|(secret, until)| match until {
                None => Value::from(secret.expose()),
                Some(until) => json!({"secret": secret.expose(), "until": until.as_micros()}),
            })
            .collect();
        let plain = zeroize::Zeroizing::new(Value::from(plain).to_string());
        sealer.seal(&Subject::new(workspace, hook), plain.as_bytes())
    }

    /// Opens what [`HookSecrets::seal`] made for the same hook.
    pub fn open(
        sealer: &Sealer,
        workspace: WorkspaceId,
        hook: InboundHookId,
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let plain = sealer.open(&Subject::new(workspace, hook), sealed)?;
        let sealed: Vec<Sealed> = serde_json::from_slice(&plain).map_err(|_| SealError::Damaged)?;
        let all = sealed.into_iter().map(|sealed| match sealed {
            Sealed::Lasting(secret) => (secret, None),
            Sealed::Ending { secret, until } => (secret, Some(Timestamp::from_micros(until))),
        });
        let (secrets, until) = all.unzip();
        Ok(Self { secrets, until })
    }

    /// Secrets that are good until they are replaced.
    pub fn lasting(secrets: Vec<Secret>) -> Self {
        let until = vec![None; secrets.len()];
        Self { secrets, until }
    }

    /// Those that are good now, of which any may fit.
    pub fn live(&self, now: Timestamp) -> &[Secret] {
        let ended = |until: &Option<Timestamp>| until.is_some_and(|until| until <= now);
        let live = self.until.iter().position(ended);
        &self.secrets[..live.unwrap_or(self.secrets.len())]
    }

    /// These secrets, and those of `before` that are good at `now` until `until` beside them.
    #[must_use]
    pub fn replacing(self, before: &Self, now: Timestamp, until: Timestamp) -> Self {
        let mut all: Vec<(Secret, Option<Timestamp>)> =
            self.secrets.into_iter().zip(self.until).collect();
        let old = before.live(now).iter().cloned().zip(&before.until);
        all.extend(old.filter(|_| until > now).map(|(secret, its)| {
            let until = its.map_or(until, |its| its.min(until));
            (secret, Some(until))
        }));
        all.sort_by_key(|(_, until)| {
            std::cmp::Reverse(until.map_or(i64::MAX, Timestamp::as_micros))
        });
        let (secrets, until) = all.into_iter().unzip();
        Self { secrets, until }
    }
}

fn check(config: &HookConfig, secret: &str) -> Result<(), InvalidHookSecret> {
    let base64 = |text: &str| STANDARD.decode(text).is_ok_and(|bytes| !bytes.is_empty());
    let (right, remedy) = match config.scheme {
        Scheme::Standard => {
            let key = secret
                .strip_prefix("whsec_")
                .or_else(|| secret.strip_prefix("whpk_"))
                .unwrap_or(secret);
            let remedy = "a secret of Standard Webhooks is `whsec_` and base64; for another text choose the scheme `hmac-sha256`";
            (base64(key), remedy)
        }
        Scheme::Quo => (
            base64(secret.strip_prefix("whsec_").unwrap_or(secret)),
            "the key that Quo shows is base64",
        ),
        Scheme::Sendgrid => (
            base64(secret),
            "give the verification key that SendGrid shows, which is base64",
        ),
        Scheme::Postmark | Scheme::Basic => (
            secret.contains(':'),
            "give user and password as they are in the URL: `user:password`",
        ),
        Scheme::AuthorizeNet if config.key_encoding == Some(KeyEncoding::Hex) => (
            hex::decode(secret).is_ok(),
            "with `keyEncoding` `hex` the key is hexadecimal digits",
        ),
        _ => (true, ""),
    };
    if right {
        Ok(())
    } else {
        Err(InvalidHookSecret(remedy))
    }
}

#[cfg(test)]
mod tests {
    use jackfield_storage::{Clock, Timestamp};
    use serde_json::json;

    use super::*;
    use crate::MasterKey;

    fn parse(scheme: Scheme, given: &Value) -> Result<usize, String> {
        let config = HookConfig {
            scheme,
            ..HookConfig::default()
        };
        match HookSecrets::parse(&config, given) {
            Ok(secrets) => Ok(secrets.map_or(0, |secrets| secrets.live(Timestamp::EPOCH).len())),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_secret_is_a_text_or_a_list_while_it_is_replaced() {
        assert_eq!(parse(Scheme::Stripe, &json!("whsec_a")), Ok(1));
        assert_eq!(
            parse(Scheme::Stripe, &json!(["whsec_new", "whsec_old"])),
            Ok(2)
        );
        assert_eq!(parse(Scheme::None, &Value::Null), Ok(0));
        assert!(parse(Scheme::Stripe, &json!(["whsec_new", ""])).is_err());
        assert!(parse(Scheme::Stripe, &json!(7)).is_err());
    }

    #[test]
    fn says_what_kind_of_secret_a_scheme_needs() {
        let said = [
            parse(Scheme::Github, &Value::Null),
            parse(Scheme::Standard, &json!("plain text")),
            parse(Scheme::Standard, &json!("whsec_")),
            parse(Scheme::Postmark, &json!("password")),
        ];

        insta::assert_debug_snapshot!(said, @r#"
        [
            Err(
                "this scheme needs the secret that the sender shows or shares",
            ),
            Err(
                "a secret of Standard Webhooks is `whsec_` and base64; for another text choose the scheme `hmac-sha256`",
            ),
            Err(
                "a secret of Standard Webhooks is `whsec_` and base64; for another text choose the scheme `hmac-sha256`",
            ),
            Err(
                "give user and password as they are in the URL: `user:password`",
            ),
        ]
        "#);
    }

    #[test]
    fn sealed_secrets_open_for_their_hook_only() {
        let key = MasterKey::parse("b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=").unwrap();
        let (sealer, clock) = (
            Sealer::new(&key).unwrap(),
            Clock::seeded(Timestamp::EPOCH, 1),
        );
        let (workspace, hook, other) = (clock.id(), clock.id(), clock.id());
        let secrets = HookSecrets::lasting(vec![
            Secret::new("whsec_a".into()),
            Secret::new("whsec_b".into()),
        ]);
        let sealed = secrets.seal(&sealer, workspace, hook).unwrap();

        let opened = HookSecrets::open(&sealer, workspace, hook, &sealed).unwrap();
        assert_eq!(opened.live(clock.now())[1].expose(), "whsec_b");
        assert!(HookSecrets::open(&sealer, workspace, other, &sealed).is_err());
    }

    #[test]
    fn an_old_secret_is_good_until_its_end() {
        let clock = Clock::seeded(Timestamp::EPOCH, 1);
        let key = MasterKey::parse("b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=").unwrap();
        let sealer = Sealer::new(&key).unwrap();
        let (workspace, hook) = (clock.id(), clock.id());
        let one = |text: &str| HookSecrets::lasting(vec![Secret::new(text.into())]);
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let shown = |secrets: &HookSecrets, now| {
            let live = secrets.live(at(now)).iter().map(Secret::expose);
            live.collect::<Vec<_>>().join(" ")
        };

        let second = one("second").replacing(&one("first"), at(0), at(100));
        let sealed = second.seal(&sealer, workspace, hook).unwrap();
        let second = HookSecrets::open(&sealer, workspace, hook, &sealed).unwrap();
        assert_eq!(shown(&second, 99), "second first");
        assert_eq!(shown(&second, 100), "second");

        let third = one("third").replacing(&second, at(50), at(200));
        assert_eq!(shown(&third, 60), "third second first");
        assert_eq!(shown(&third, 150), "third second");
        let fourth = one("fourth").replacing(&third, at(60), at(60));
        assert_eq!(shown(&fourth, 60), "fourth");
    }
}
