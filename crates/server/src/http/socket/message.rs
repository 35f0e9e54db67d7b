use jackfield_graphql::{Answer, Parameters};
use serde::{Deserialize, Serialize};

/// What a client may say (graphql-transport-ws, "Communication").
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// The first message; the payload may carry the token.
    ConnectionInit {
        /// Connection parameters.
        #[serde(default)]
        payload: Option<serde_json::Value>,
    },
    /// Answered with a pong.
    Ping {
        /// Sent back as it came.
        #[serde(default)]
        payload: Option<serde_json::Value>,
    },
    /// The answer to a ping.
    Pong {},
    /// Executes an operation.
    Subscribe {
        /// How the client names the operation.
        id: String,
        /// What to execute.
        payload: SubscribePayload,
    },
    /// Ends an operation.
    Complete {
        /// Which one.
        id: String,
    },
}

/// What to execute.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscribePayload {
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Map<String, serde_json::Value>>,
}

impl From<SubscribePayload> for Parameters {
    fn from(payload: SubscribePayload) -> Self {
        let variables = payload.variables.unwrap_or_default();
        Self {
            query: payload.query,
            operation_name: payload.operation_name,
            variables: async_graphql::Variables::from_json(serde_json::Value::Object(variables)),
        }
    }
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
    /// One answer of an operation.
    Next {
        /// Which operation.
        id: &'a str,
        /// The answer.
        payload: &'a Answer,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clients_say() {
        let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":null,"extensions":{}}}"#;
        assert!(matches!(
            serde_json::from_str(subscribe),
            Ok(ClientMessage::Subscribe { .. })
        ));
        assert!(matches!(
            serde_json::from_str(r#"{"type":"connection_init"}"#),
            Ok(ClientMessage::ConnectionInit { payload: None })
        ));
        assert!(matches!(
            serde_json::from_str(r#"{"type":"pong","payload":{}}"#),
            Ok(ClientMessage::Pong {})
        ));
        for wrong in [
            r#"{"type":"start"}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            "[]",
        ] {
            assert!(
                serde_json::from_str::<ClientMessage>(wrong).is_err(),
                "{wrong}"
            );
        }
    }
}
