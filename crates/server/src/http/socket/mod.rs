//! GraphQL over a WebSocket: the subprotocol graphql-transport-ws, to the letter of its PROTOCOL.md.

mod close;
mod credential;
mod message;
mod open;
mod operations;
mod session;

use std::sync::Arc;

use axum::extract::Request;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::http::header::{HOST, ORIGIN};
use axum::response::{IntoResponse, Response};

use super::App;
use super::request_id::RequestId;
use crate::auth::bearer;
use close::Close;
pub use open::Sockets;
use session::Session;

const SUBPROTOCOL: &str = "graphql-transport-ws";
/// How much of a socket is read at once, in bytes. Clients say little, and there are many of them; a longer message takes more
/// as it comes.
const READ_BUFFER: usize = 4 << 10;

/// Accepts a WebSocket, unless a page of a foreign origin asks for it.
pub fn upgrade(app: Arc<App>, request: &Request, upgrade: WebSocketUpgrade) -> Response {
    let headers = request.headers();
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !app
        .allowed_origins
        .allows(header(ORIGIN.as_str()), header(HOST.as_str()))
    {
        let message = "This origin may not open a WebSocket here. Add it to `allowed_origins`.";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let token = match bearer(headers) {
        Ok(token) => token.map(str::to_owned),
        Err(error) => return (error.status(), error.to_string()).into_response(),
    };
    let request_id = RequestId::of(request.extensions());
    let span = tracing::Span::current();
    upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(app.max_body_bytes)
        .max_frame_size(app.max_body_bytes)
        .on_upgrade(move |socket| {
            tracing::Instrument::instrument(serve(app, socket, token, request_id), span)
        })
}

async fn serve(app: Arc<App>, mut socket: WebSocket, token: Option<String>, request_id: Arc<str>) {
    // Held until the socket is closed: the shutdown waits for it.
    let _open = app.shutdown.hold();
    if socket.protocol().is_none() {
        // The peer may be gone already.
        let _ = socket.send(Close::NoSubprotocol.frame()).await;
        return;
    }
    let close = Session::new(&app, &mut socket, token, request_id)
        .run()
        .await;
    if let Some(close) = close {
        tracing::debug!(?close, "closing a socket");
        let _ = socket.send(close.frame()).await;
        session::await_close(&mut socket).await;
    }
}
