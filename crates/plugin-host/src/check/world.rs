//! The world that a call is played in: made-up answers to its effects.

use std::collections::BTreeMap;

use bytes::Bytes;
use jackfield_plugin_abi::frame::Frame;
use jackfield_plugin_abi::messages::{
    CallError, Effect, EffectKind, Example, ExampleResponse, HttpRequest, code,
};
use serde_json::Value;
use url::Url;

use crate::effect::{Exchange, Reply};
use crate::services::{BlobPart, SecretBytes};

/// The time of the first look at the clock, in microseconds since 1970.
const BEGINNING: i64 = 1_750_000_000_000_000;
/// What passes between two looks.
const TICK: i64 = 1_000_000;

/// An effect that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) id: u64,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Http { url: String },
    Sleep,
    Now,
    Random(u32),
    Hmac,
    Blob,
    Secret(String),
    Unknown(String),
}

impl Asked {
    /// Reads what is asked for; the error says which rule it breaks.
    pub(super) fn of(effect: &Effect<'_>, frame: &Frame<'_>) -> Result<Self, String> {
        let kind = match &effect.kind {
            EffectKind::HttpRequest(request) => http(request, frame)?,
            EffectKind::Sleep(_) => Kind::Sleep,
            EffectKind::Now(_) => Kind::Now,
            EffectKind::Random(random) => Kind::Random(random.len),
            EffectKind::HmacVerify(verify) => {
                frame
                    .attachment(verify.message)
                    .map_err(|error| format!("hmac.verify: {error}"))?;
                Kind::Hmac
            }
            EffectKind::BlobRead(_) => Kind::Blob,
            EffectKind::SecretReveal(reveal) => Kind::Secret(reveal.field.to_string()),
            EffectKind::Unknown(name) => Kind::Unknown(name.clone()),
            EffectKind::Log(_) | EffectKind::Progress(_) => return Err("it is not answered".into()),
        };
        Ok(Self {
            id: effect.id,
            kind,
        })
    }
}

fn http(request: &HttpRequest<'_>, frame: &Frame<'_>) -> Result<Kind, String> {
    if let Some(body) = request.body {
        let outside = |error| format!("http.request: {error}");
        frame.attachment(body).map_err(outside)?;
    }
    let mut url = request.url.clone().into_owned();
    if let Ok(mut whole) = Url::parse(&url)
        && !request.query.is_empty()
    {
        let pairs = request.query.iter().map(|pair| (&pair.0, &pair.1));
        whole.query_pairs_mut().extend_pairs(pairs);
        url = whole.into();
    }
    Ok(Kind::Http { url })
}

/// What the other side is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Everything works, and every response is a JSON object.
    Kind,
    /// Responses are empty.
    Silent,
    /// Responses are 404 with a JSON body.
    Missing,
    /// Responses are 429 with `Retry-After`.
    Busy,
    /// Responses are 200 with something that is not what it says.
    Rubbish,
    /// Every effect fails with an error of the host.
    Broken,
    /// The host knows none of the effects.
    Old,
    /// Everything works, but no signature is right.
    Forged,
}

impl Mood {
    /// Those that every node has to stand.
    pub(super) const ALL: [Self; 7] = [
        Self::Kind,
        Self::Silent,
        Self::Missing,
        Self::Busy,
        Self::Rubbish,
        Self::Broken,
        Self::Old,
    ];

    /// For a sentence that begins with "when".
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Kind => "every request is answered with 200 and JSON",
            Self::Silent => "every request is answered with 204 and no body",
            Self::Missing => "every request is answered with 404",
            Self::Busy => "every request is answered with 429 and Retry-After",
            Self::Rubbish => "every request is answered with JSON that is none",
            Self::Broken => "every effect fails",
            Self::Old => "the host supports none of the effects",
            Self::Forged => "no signature is right",
        }
    }
}

/// Answers effects, the same ones the same way.
pub(super) struct World<'a> {
    mood: Mood,
    revealed: Option<&'a BTreeMap<String, String>>,
    example: Option<&'a Example>,
    exchanges: usize,
    now: i64,
    drawn: u8,
}

impl<'a> World<'a> {
    /// One in which the plugin is shown these members of credentials, or none.
    pub(super) fn new(mood: Mood, revealed: Option<&'a BTreeMap<String, String>>) -> Self {
        Self {
            mood,
            revealed,
            example: None,
            exchanges: 0,
            now: BEGINNING,
            drawn: 0,
        }
    }

    /// The same, but requests are answered as an example says.
    pub(super) fn of(example: &'a Example, revealed: Option<&'a BTreeMap<String, String>>) -> Self {
        Self {
            example: Some(example),
            ..Self::new(Mood::Kind, revealed)
        }
    }

    pub(super) fn answer(&mut self, asked: &Asked) -> Result<Reply, CallError> {
        match (self.mood, &asked.kind) {
            (Mood::Old, _) => Err(CallError::new(code::UNSUPPORTED, "This host is old.")),
            (_, Kind::Unknown(name)) => {
                let message = format!("this server does not know the effect {name:?}");
                Err(CallError::new(code::UNSUPPORTED, message))
            }
            (Mood::Broken, Kind::Http { .. }) => {
                Err(CallError::new(code::CONNECT, "No connection could be made.").retryable())
            }
            (Mood::Broken, _) => Err(CallError::new(code::INTERNAL, "The host cannot.")),
            (_, Kind::Http { url }) => Ok(Reply::Http(Box::new(self.exchange(url)))),
            (_, Kind::Sleep) => Ok(Reply::Empty),
            (_, Kind::Now) => {
                self.now += TICK;
                Ok(Reply::Time(self.now))
            }
            (_, Kind::Random(len)) => {
                self.drawn = self.drawn.wrapping_add(1);
                let len = usize::try_from(*len).unwrap_or(0).min(1024);
                Ok(Reply::Random(vec![self.drawn; len]))
            }
            (mood, Kind::Hmac) => Ok(Reply::Verified(mood != Mood::Forged)),
            (_, Kind::Blob) => Ok(Reply::Blob(BlobPart {
                bytes: Bytes::from_static(b"a blob"),
                size: 6,
                content_type: "text/plain".into(),
            })),
            (_, Kind::Secret(field)) => self.reveal(field),
        }
    }

    fn reveal(&self, field: &str) -> Result<Reply, CallError> {
        let Some(revealed) = self.revealed else {
            let message =
                "it uses secret.reveal without asking for it in the capabilities of its manifest";
            return Err(CallError::new(code::CAPABILITY_NOT_GRANTED, message));
        };
        match revealed.get(field) {
            Some(text) => Ok(Reply::Secret(SecretBytes::new(text.as_str()))),
            None => {
                let message = format!("no scheme of its providers has `{field}`");
                Err(CallError::new(code::CREDENTIAL, message))
            }
        }
    }

    fn exchange(&mut self, url: &str) -> Exchange {
        let position = self.exchanges;
        self.exchanges += 1;
        let recorded = self
            .example
            .and_then(|example| example.exchanges.get(position));
        if let Some(recorded) = recorded {
            let response = &recorded.response;
            let (body, content_type) = match &response.body {
                None => (Bytes::new(), None),
                Some(Value::String(text)) => {
                    (Bytes::from(text.clone()), Some("text/plain; charset=utf-8"))
                }
                Some(json) => (Bytes::from(json.to_string()), Some("application/json")),
            };
            let mut headers = response.headers.clone();
            let is_named = |(name, _): &(String, String)| name.eq_ignore_ascii_case("content-type");
            if let Some(content_type) = content_type
                && !headers.iter().any(is_named)
            {
                headers.insert(0, ("content-type".to_owned(), content_type.to_owned()));
            }
            return response_of(url, response.status, headers, body);
        }
        let json = || vec![("content-type".to_owned(), "application/json".to_owned())];
        let fixed = |status, headers, body: &'static str| {
            response_of(url, status, headers, Bytes::from_static(body.as_bytes()))
        };
        match self.mood {
            Mood::Silent => fixed(204, Vec::new(), ""),
            Mood::Missing => fixed(
                404,
                json(),
                r#"{"error":{"message":"There is no such thing."}}"#,
            ),
            Mood::Busy => {
                let headers = vec![("retry-after".to_owned(), "2".to_owned())];
                fixed(429, headers, "Too many requests.")
            }
            Mood::Rubbish => fixed(200, json(), "<html>\u{fffd}</html>"),
            _ => fixed(200, json(), r#"{"id":"1","ok":true,"name":"check"}"#),
        }
    }
}

fn response_of(url: &str, status: u16, headers: Vec<(String, String)>, body: Bytes) -> Exchange {
    Exchange {
        status,
        headers,
        body,
        blob: None,
        truncated: false,
        url: url.to_owned(),
        duration_ms: ExampleResponse::DURATION_MS,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_abi::frame::{Caps, encode};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_credential_is_revealed_to_whom_it_may_be() {
        let effect = json!({"id": 1, "secret.reveal": {"credential": "default", "field": "key"}});
        let bytes = encode(&effect, &[]).unwrap();
        let frame = Frame::decode(&bytes, Caps::default()).unwrap();
        let effect: Effect<'_> = frame.parse().unwrap();
        let asked = Asked::of(&effect, &frame).unwrap();
        let revealed = BTreeMap::from([("key".to_owned(), "made up".to_owned())]);
        let secret = World::new(Mood::Kind, Some(&revealed)).answer(&asked);
        assert!(matches!(secret, Ok(Reply::Secret(secret)) if secret.expose() == b"made up"));
        let refused = |revealed| {
            let answer = World::new(Mood::Kind, revealed).answer(&asked);
            answer.err().unwrap().code
        };
        assert_eq!(refused(None), code::CAPABILITY_NOT_GRANTED);
        assert_eq!(refused(Some(&BTreeMap::new())), code::CREDENTIAL);
    }
}
