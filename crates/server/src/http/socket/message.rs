use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use serde::de::Error;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::http::parameters::Members;

/// What a client may say (graphql-transport-ws, "Communication").
pub enum ClientMessage {
    /// The first message; the payload may carry the token.
    ConnectionInit {
        /// Connection parameters.
        payload: Option<serde_json::Value>,
    },
    /// Answered with a pong.
    Ping {
        /// Sent back as it came.
        payload: Option<serde_json::Value>,
    },
    /// The answer to a ping.
    Pong,
    /// Executes an operation.
    Subscribe {
        /// How the client names the operation.
        id: String,
        /// What to execute.
        payload: Members,
    },
    /// Ends an operation.
    Complete {
        /// Which one.
        id: String,
    },
}

/// The members of every message. What the payload is depends on the type.
#[derive(Deserialize)]
struct Envelope<'a> {
    r#type: Type,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Type {
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
    Complete,
}

impl ClientMessage {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// When it is none of the protocol.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        let Envelope {
            r#type,
            id,
            payload,
        } = serde_json::from_str(text)?;
        let id = id.ok_or_else(|| serde_json::Error::missing_field("id"));
        Ok(match r#type {
            Type::ConnectionInit => Self::ConnectionInit {
                payload: optional(payload)?,
            },
            Type::Ping => Self::Ping {
                payload: optional(payload)?,
            },
            Type::Pong => Self::Pong,
            Type::Subscribe => Self::Subscribe {
                id: id?,
                payload: optional(payload)?
                    .ok_or_else(|| serde_json::Error::missing_field("payload"))?,
            },
            Type::Complete => Self::Complete { id: id? },
        })
    }
}

fn optional<'de, T: Deserialize<'de>>(
    payload: Option<&'de RawValue>,
) -> serde_json::Result<Option<T>> {
    payload
        .map(|payload| serde_json::from_str(payload.get()))
        .transpose()
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    /// The connection is accepted.
    ConnectionAck,
    /// The answer to a ping.
    Pong {
        /// What the ping carried.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<&'a serde_json::Value>,
    },
    /// The operation cannot be executed.
    Error {
        /// Which operation.
        id: &'a str,
        /// Why.
        payload: &'a [async_graphql::ServerError],
    },
    /// The operation has ended.
    Complete {
        /// Which operation.
        id: &'a str,
    },
}

impl ServerMessage<'_> {
    /// The message as text. It cannot fail: every payload was JSON or is made of strings.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(%error, "a message cannot be written as JSON");
            r#"{"type":"ping"}"#.to_owned()
        })
    }
}

/// What comes before the answer in the message `next` of an operation.
pub fn next_head(id: &str) -> Arc<str> {
    let head = format!(
        r#"{{"type":"next","id":{},"payload":"#,
        serde_json::Value::from(id)
    );
    head.into()
}

/// The message `next` with an answer, which is JSON and so is UTF-8. The answer is not parsed again: many share it.
pub fn next(head: &str, answer: &[u8]) -> Utf8Bytes {
    let mut text = String::with_capacity(head.len() + answer.len() + 1);
    text.push_str(head);
    text.push_str(&String::from_utf8_lossy(answer));
    text.push('}');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_put_into_a_message() {
        let text = next(&next_head("a\"b"), br#"{"data":1}"#);
        assert_eq!(
            text.as_str(),
            r#"{"type":"next","id":"a\"b","payload":{"data":1}}"#
        );
    }

    #[test]
    fn reads_what_clients_say() {
        let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":null,"extensions":{}}}"#;
        assert!(matches!(
            ClientMessage::read(subscribe),
            Ok(ClientMessage::Subscribe { .. })
        ));
        assert!(matches!(
            ClientMessage::read(r#"{"type":"connection_init"}"#),
            Ok(ClientMessage::ConnectionInit { payload: None })
        ));
        assert!(matches!(
            ClientMessage::read(r#"{"type":"pong","payload":{}}"#),
            Ok(ClientMessage::Pong)
        ));
        for wrong in [
            r#"{"type":"start"}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            "[]",
        ] {
            assert!(ClientMessage::read(wrong).is_err(), "{wrong}");
        }
    }
}
