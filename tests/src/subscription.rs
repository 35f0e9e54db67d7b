//! A client of the protocol graphql-transport-ws, the one of the npm package `graphql-ws`.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(20);

/// A WebSocket that speaks the protocol, message by message.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Opens a connection without saying anything yet.
    pub async fn open(url: &str) -> Result<Self> {
        let mut request = url.replacen("http", "ws", 1).into_client_request()?;
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (stream, _response) = connect_async(request)
            .await
            .context("opening the WebSocket")?;
        Ok(Self { stream })
    }

    /// Opens a connection and waits until it is acknowledged for this token.
    pub async fn connect(url: &str, token: &str) -> Result<Self> {
        let mut socket = Self::open(url).await?;
        let payload = json!({"Authorization": format!("Bearer {token}")});
        socket
            .send(&json!({"type": "connection_init", "payload": payload}))
            .await?;
        let answer = socket.receive().await?;
        ensure!(
            answer["type"] == "connection_ack",
            "connection_init was answered with {answer}"
        );
        Ok(socket)
    }

    /// Sends one message.
    pub async fn send(&mut self, message: &Value) -> Result<()> {
        Ok(self.stream.send(Message::text(message.to_string())).await?)
    }

    /// The next message, for at most 20 seconds; pings of the protocol are answered on the way.
    pub async fn receive(&mut self) -> Result<Value> {
        loop {
            match self.frame().await? {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text)?;
                    if message["type"] == "ping" {
                        self.send(&json!({"type": "pong"})).await?;
                        continue;
                    }
                    return Ok(message);
                }
                Message::Close(reason) => bail!("the server closed the socket: {reason:?}"),
                _ => {}
            }
        }
    }

    /// The code with which the server closes the connection, for at most 20 seconds.
    pub async fn close_code(&mut self) -> Result<u16> {
        loop {
            if let Message::Close(reason) = self.frame().await? {
                return Ok(reason
                    .context("the server closed without a code")?
                    .code
                    .into());
            }
        }
    }

    async fn frame(&mut self) -> Result<Message> {
        let frame = timeout(PATIENCE, self.stream.next())
            .await
            .context("the socket stayed silent")?;
        Ok(frame.context("the socket ended")??)
    }
}

/// One running subscription on a connection of its own.
pub struct Subscription {
    socket: Socket,
}

impl Subscription {
    pub(crate) async fn start(
        url: &str,
        token: &str,
        document: &str,
        variables: Value,
    ) -> Result<Self> {
        let mut socket = Socket::connect(url, token).await?;
        let payload = json!({"query": document, "variables": variables});
        socket
            .send(&json!({"id": "1", "type": "subscribe", "payload": payload}))
            .await?;
        Ok(Self { socket })
    }

    /// The data of the next result; none when the server says that there are no more.
    pub async fn next(&mut self) -> Result<Option<Value>> {
        let message = self.socket.receive().await?;
        if message["type"] == "complete" {
            return Ok(None);
        }
        let good = message["type"] == "next" && message["payload"]["errors"].is_null();
        ensure!(good, "instead of data: {message}");
        Ok(Some(message["payload"]["data"].clone()))
    }

    /// The data of all results that are still to come.
    pub async fn rest(&mut self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        while let Some(data) = self
            .next()
            .await
            .with_context(|| format!("after {all:#?}"))?
        {
            all.push(data);
        }
        Ok(all)
    }
}
