use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::ids::EventId;

/// A request as it came, without the secrets that its sender proved itself with. What an event's `request` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptRequest {
    /// In capitals.
    pub method: String,
    /// Without `?` and without a secret in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// In the order received, names in lower case; the value of one that is secret is absent.
    pub headers: Vec<(String, Option<String>)>,
    /// The body; absent where it is, byte for byte, the event's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<KeptBody>,
    /// The address that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The event whose request was run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<EventId>,
}

/// A body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeptBody {
    /// One that is UTF-8.
    Text(String),
    /// Any other, in base64.
    Base64(String),
}

impl KeptBody {
    /// Keeps these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            // What was encoded here can be decoded.
            Self::Base64(text) => STANDARD.decode(text).unwrap_or_default(),
        }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Base64(text) => STANDARD.decode(text).map_or(0, |bytes| bytes.len()),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_back() {
        let kept = KeptRequest {
            method: "POST".into(),
            headers: vec![
                ("content-type".into(), Some("text/csv".into())),
                ("authorization".into(), None),
            ],
            body: Some(KeptBody::of(b"\xff")),
            ..KeptRequest::default()
        };
        let text = serde_json::to_string(&kept).unwrap();

        insta::assert_snapshot!(text, @r#"{"method":"POST","headers":[["content-type","text/csv"],["authorization",null]],"body":{"base64":"/w=="}}"#);
        assert_eq!(serde_json::from_str::<KeptRequest>(&text).unwrap(), kept);
        assert_eq!(kept.body.unwrap().len(), 1);
    }
}
