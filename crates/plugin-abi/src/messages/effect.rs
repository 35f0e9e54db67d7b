use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{CallError, HttpRequest, Outcome};
use crate::frame::Attachment;

/// What one `resume` writes: effects for the host to perform and, at the end of the call, the result or the error.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Turn<'a> {
    /// Effects in the order in which the plugin asked for them. At the end of a call only those without an id count.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect<'a>>,
    /// The call succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// The call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CallError>,
}

/// Something that a plugin asks the host to do: `{"id":7,"http.request":{…}}`.
#[derive(Clone, Debug)]
pub struct Effect<'a> {
    /// What the answer refers to; 0 (absent on the wire) for effects that are not answered.
    pub id: u64,
    /// What to do.
    pub kind: EffectKind<'a>,
}

/// The effects, each named by a member of its own. [`Log`](Self::Log) and [`Progress`](Self::Progress) are not answered.
#[derive(Clone, Debug)]
pub enum EffectKind<'a> {
    /// `http.request`, answered with an [`HttpResponse`](super::HttpResponse).
    HttpRequest(HttpRequest<'a>),
    /// `sleep`, answered with [`Empty`](super::Empty) when the time has passed.
    Sleep(Sleep),
    /// `log`.
    Log(Log<'a>),
    /// `now`, answered with a [`Time`](super::Time).
    Now(Now),
    /// `random`, answered with [`RandomBytes`](super::RandomBytes).
    Random(Random),
    /// `hmac.verify`, answered with [`Verified`](super::Verified).
    HmacVerify(HmacVerify<'a>),
    /// `blob.read`, answered with [`BlobBytes`](super::BlobBytes).
    BlobRead(BlobRead<'a>),
    /// `secret.reveal`, answered with a [`SecretValue`](super::SecretValue).
    SecretReveal(SecretReveal<'a>),
    /// `progress`.
    Progress(Progress<'a>),
    /// One that this side does not know, by name (empty when the effect names none). Answered with the error
    /// [`code::UNSUPPORTED`](super::code::UNSUPPORTED).
    Unknown(String),
}

impl EffectKind<'_> {
    /// Its name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::HttpRequest(_) => "http.request",
            Self::Sleep(_) => "sleep",
            Self::Log(_) => "log",
            Self::Now(_) => "now",
            Self::Random(_) => "random",
            Self::HmacVerify(_) => "hmac.verify",
            Self::BlobRead(_) => "blob.read",
            Self::SecretReveal(_) => "secret.reveal",
            Self::Progress(_) => "progress",
            Self::Unknown(name) => name,
        }
    }

    /// Whether the host answers it, which makes the effect need an id.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Log(_) | Self::Progress(_))
    }
}

/// Let time pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Sleep {
    /// Milliseconds.
    pub ms: u64,
}

/// Write a line into the run's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Log<'a> {
    /// How much it matters.
    pub level: Level,
    /// One line, without secrets.
    #[serde(borrow)]
    pub message: Cow<'a, str>,
    /// An object with more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Box<RawValue>>,
}

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For the author.
    Debug,
    /// For whoever follows a run.
    Info,
    /// Something is odd, and the node goes on.
    Warn,
    /// Something failed.
    Error,
}

/// Read the host's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Now {}

/// Draw random bytes, fit for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Random {
    /// How many, at most 1024.
    pub len: u32,
}

/// Compare a signature with the one that a secret of a credential gives, in constant time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HmacVerify<'a> {
    /// The hash.
    pub algorithm: HmacAlgorithm,
    /// The slot of the credential.
    #[serde(borrow)]
    pub credential: Cow<'a, str>,
    /// The field of the credential that holds the key; its UTF-8 bytes are the key.
    #[serde(borrow)]
    pub field: Cow<'a, str>,
    /// The bytes that were signed.
    pub message: Attachment,
    /// The signature as received.
    #[serde(borrow)]
    pub signature: Cow<'a, str>,
    /// How it is written.
    pub encoding: SignatureEncoding,
}

/// The hash of an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum HmacAlgorithm {
    /// SHA-1, which some providers still sign with.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a signature is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SignatureEncoding {
    /// Base 16, any case.
    Hex,
    /// Standard base 64 with padding.
    Base64,
}

/// Read stored bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlobRead<'a> {
    /// `blob_…`, of the same run.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// The first byte to read.
    #[serde(default)]
    pub offset: u64,
    /// Most bytes to read.
    pub len: u64,
}

/// Read a field of a credential in the clear. Needs the capability
/// [`secret.reveal`](super::capability::SECRET_REVEAL) in the manifest and the operator's grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecretReveal<'a> {
    /// The slot of the credential.
    #[serde(borrow)]
    pub credential: Cow<'a, str>,
    /// The field of the credential.
    #[serde(borrow)]
    pub field: Cow<'a, str>,
}

/// Show how far the call is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress<'a> {
    /// 0 to 1, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
    /// What is being done.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Cow<'a, str>>,
}

impl Serialize for Effect<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.id != 0 {
            map.serialize_entry("id", &self.id)?;
        }
        let name = self.kind.name();
        match &self.kind {
            EffectKind::HttpRequest(effect) => map.serialize_entry(name, effect)?,
            EffectKind::Sleep(effect) => map.serialize_entry(name, effect)?,
            EffectKind::Log(effect) => map.serialize_entry(name, effect)?,
            EffectKind::Now(effect) => map.serialize_entry(name, effect)?,
            EffectKind::Random(effect) => map.serialize_entry(name, effect)?,
            EffectKind::HmacVerify(effect) => map.serialize_entry(name, effect)?,
            EffectKind::BlobRead(effect) => map.serialize_entry(name, effect)?,
            EffectKind::SecretReveal(effect) => map.serialize_entry(name, effect)?,
            EffectKind::Progress(effect) => map.serialize_entry(name, effect)?,
            EffectKind::Unknown(_) => map.serialize_entry(name, &Now {})?,
        }
        map.end()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Effect<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EffectVisitor)
    }
}

/// The members of an effect on the wire.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Member {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "http.request")]
    HttpRequest,
    #[serde(rename = "sleep")]
    Sleep,
    #[serde(rename = "log")]
    Log,
    #[serde(rename = "now")]
    Now,
    #[serde(rename = "random")]
    Random,
    #[serde(rename = "hmac.verify")]
    HmacVerify,
    #[serde(rename = "blob.read")]
    BlobRead,
    #[serde(rename = "secret.reveal")]
    SecretReveal,
    #[serde(rename = "progress")]
    Progress,
    Other(String),
}

struct EffectVisitor;

impl<'de> Visitor<'de> for EffectVisitor {
    type Value = Effect<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an effect such as {\"id\":1,\"sleep\":{\"ms\":10}}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Effect<'de>, A::Error> {
        let mut id = 0;
        let mut kind = None;
        let mut unknown = None;
        while let Some(member) = map.next_key()? {
            kind = Some(match member {
                Member::Id => {
                    id = map.next_value()?;
                    continue;
                }
                Member::Other(name) => {
                    map.next_value::<IgnoredAny>()?;
                    unknown = unknown.or(Some(name));
                    continue;
                }
                Member::HttpRequest => EffectKind::HttpRequest(map.next_value()?),
                Member::Sleep => EffectKind::Sleep(map.next_value()?),
                Member::Log => EffectKind::Log(map.next_value()?),
                Member::Now => EffectKind::Now(map.next_value()?),
                Member::Random => EffectKind::Random(map.next_value()?),
                Member::HmacVerify => EffectKind::HmacVerify(map.next_value()?),
                Member::BlobRead => EffectKind::BlobRead(map.next_value()?),
                Member::SecretReveal => EffectKind::SecretReveal(map.next_value()?),
                Member::Progress => EffectKind::Progress(map.next_value()?),
            });
        }
        let kind = kind.unwrap_or_else(|| EffectKind::Unknown(unknown.unwrap_or_default()));
        Ok(Effect { id, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(json: &str) -> Turn<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn effects_are_named_by_their_member() {
        let json = r#"{"effects":[{"id":1,"sleep":{"ms":250}},{"log":{"level":"info","message":"hello"}}]}"#;
        let turn = turn(json);
        assert!(matches!(
            turn.effects[0],
            Effect {
                id: 1,
                kind: EffectKind::Sleep(Sleep { ms: 250 })
            }
        ));
        assert_eq!(serde_json::to_string(&turn).unwrap(), json);
    }

    #[test]
    fn what_an_older_host_does_not_know_is_kept_by_name_or_ignored() {
        let turn = turn(
            r#"{"effects":[{"id":1,"teleport":{"to":[1,2]}},{"sleep":{"ms":1,"deep":true},"id":2,"x":0}],"y":{}}"#,
        );
        assert_eq!(turn.effects[0].kind.name(), "teleport");
        assert!(matches!(
            turn.effects[1],
            Effect {
                id: 2,
                kind: EffectKind::Sleep(Sleep { ms: 1 })
            }
        ));
    }

    #[test]
    fn a_result_may_come_with_last_words() {
        let turn = turn(
            r#"{"effects":[{"progress":{"fraction":1.0}}],"result":{"port":"data-out","output":{"b": 1, "a": [ ]}}}"#,
        );
        assert_eq!(turn.effects.len(), 1);
        assert_eq!(turn.result.unwrap().output.get(), r#"{"b": 1, "a": [ ]}"#);
    }

    #[test]
    fn a_wrong_effect_is_named() {
        let error = serde_json::from_str::<Turn>(r#"{"effects":[{"id":1,"sleep":{"ms":-1}}]}"#)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid value: integer `-1`, expected u64 at line 1 column 36"
        );
    }
}
