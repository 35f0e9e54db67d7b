use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use jackfield_graphql::{Answer, Caller, Code};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::close::Close;
use super::credential;
use super::message::{ClientMessage, ServerMessage};
use super::open::OpenSocket;
use super::operations::Operations;
use crate::auth::{AuthError, Recheck};
use crate::http::App;

/// How long a client may take to send `connection_init`.
const INIT_WAIT: Duration = Duration::from_secs(10);
/// How often the socket is pinged; a peer that is silent for two of these is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many messages are sent together at most.
const MOST_AT_ONCE: usize = 64;
/// How long to wait for the peer's half of the closing handshake.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// One socket, from its first message to its last.
pub struct Session<'a> {
    app: &'a Arc<App>,
    socket: &'a mut WebSocket,
    /// The token of the upgrade request or of `connection_init`.
    token: Option<String>,
    caller: Caller,
    /// Counts it among those of its principal, once that is known.
    open: Option<OpenSocket>,
    state: State,
    operations: Operations,
    heartbeat: Interval,
    recheck: Recheck,
    /// Whether anything came since the last heartbeat.
    alive: bool,
}

enum State {
    /// Waiting for `connection_init` until then.
    New(Instant),
    Accepted,
}

/// What ends the loop: a close frame to send, or nothing when the peer went first.
type Flow = ControlFlow<Option<Close>>;

impl<'a> Session<'a> {
    pub fn new(
        app: &'a Arc<App>,
        socket: &'a mut WebSocket,
        token: Option<String>,
        request_id: Arc<str>,
    ) -> Self {
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            app,
            socket,
            token,
            caller: Caller {
                principal: None,
                request_id,
                address: None,
                introspection: app.introspection,
            },
            open: None,
            state: State::New(Instant::now() + INIT_WAIT),
            operations: Operations::new(app.clone()),
            heartbeat,
            recheck: app.auth.recheck(),
            alive: true,
        }
    }

    /// Serves the socket until one side ends it; answers with the close frame to send.
    pub async fn run(mut self) -> Option<Close> {
        let restart = self.app.shutdown.clone().requested();
        let mut restart = std::pin::pin!(restart);
        loop {
            let deadline = match self.state {
                State::New(deadline) => Some(deadline),
                State::Accepted => None,
            };
            let flow = tokio::select! {
                () = &mut restart => Flow::Break(Some(Close::Restart)),
                () = wait_until(deadline) => Flow::Break(Some(Close::InitTimeout)),
                _ = self.heartbeat.tick() => self.beat().await,
                () = self.recheck.due() => self.check_again().await,
                text = self.operations.next() => self.send_all(text).await,
                frame = self.socket.recv() => match frame {
                    Some(Ok(frame)) => self.receive(frame).await,
                    Some(Err(_)) | None => Flow::Break(None),
                },
            };
            if let Flow::Break(close) = flow {
                return close;
            }
        }
    }

    async fn receive(&mut self, frame: Message) -> Flow {
        self.alive = true;
        match frame {
            Message::Text(text) => match ClientMessage::read(&text) {
                Ok(message) => self.handle(message).await,
                Err(_) => Flow::Break(Some(Close::BadMessage)),
            },
            Message::Binary(_) => Flow::Break(Some(Close::BadMessage)),
            Message::Ping(_) | Message::Pong(_) => Flow::Continue(()),
            Message::Close(_) => Flow::Break(None),
        }
    }

    async fn handle(&mut self, message: ClientMessage) -> Flow {
        match message {
            ClientMessage::ConnectionInit { payload } => self.init(payload).await,
            ClientMessage::Ping { payload } => {
                let pong = ServerMessage::Pong {
                    payload: payload.as_ref(),
                };
                self.send(Message::Text(pong.to_text().into())).await
            }
            ClientMessage::Pong => Flow::Continue(()),
            ClientMessage::Subscribe { id, payload } => match payload.try_into() {
                Ok(parameters) => self.subscribe(id, parameters).await,
                Err(_) => Flow::Break(Some(Close::BadMessage)),
            },
            ClientMessage::Complete { id } => {
                self.operations.stop(&id);
                Flow::Continue(())
            }
        }
    }

    async fn init(&mut self, payload: Option<serde_json::Value>) -> Flow {
        if matches!(self.state, State::Accepted) {
            return Flow::Break(Some(Close::SecondInit));
        }
        if let Some(token) = payload.as_ref().and_then(credential::token) {
            self.token = Some(token.to_owned());
        }
        self.authenticate().await?;
        let principal = self.caller.principal.as_ref();
        self.open = principal.and_then(|principal| self.app.sockets.open(principal));
        if self.open.is_none() {
            return Flow::Break(Some(Close::TooManySockets));
        }
        self.state = State::Accepted;
        self.send(Message::Text(ServerMessage::ConnectionAck.to_text().into()))
            .await
    }

    /// Checks the token, the first time and again.
    async fn authenticate(&mut self) -> Flow {
        let Some(token) = &self.token else {
            let why = "send `Authorization: Bearer …` in the payload of connection_init".to_owned();
            return Flow::Break(Some(Close::Forbidden(why)));
        };
        match self.app.auth.authenticate(token).await {
            Ok(authenticated) => {
                self.caller.principal = Some(authenticated.principal);
                Flow::Continue(())
            }
            // It was good a moment ago, and whether it still is cannot be told now.
            Err(AuthError::Unavailable(_)) if self.caller.principal.is_some() => Flow::Continue(()),
            Err(error) => Flow::Break(Some(Close::Forbidden(error.to_string()))),
        }
    }

    async fn subscribe(&mut self, id: String, parameters: jackfield_graphql::Parameters) -> Flow {
        if matches!(self.state, State::New(_)) {
            return Flow::Break(Some(Close::NotInitialised));
        }
        if self.operations.has(&id) {
            return Flow::Break(Some(Close::DuplicateOperation(id)));
        }
        if self.operations.full() {
            let answer = Answer::refused(
                Code::TooComplex,
                "This socket has as many operations open as it may have.",
            );
            let error = ServerMessage::Error {
                id: &id,
                payload: answer.errors(),
            };
            return self.send(Message::Text(error.to_text().into())).await;
        }
        self.operations.start(&id, parameters, &self.caller);
        Flow::Continue(())
    }

    /// Looks at the token again: it may have expired, or been revoked here or on another node.
    async fn check_again(&mut self) -> Flow {
        match self.state {
            State::Accepted => self.authenticate().await,
            State::New(_) => Flow::Continue(()),
        }
    }

    async fn beat(&mut self) -> Flow {
        if !self.alive {
            return Flow::Break(Some(Close::Dead));
        }
        self.alive = false;
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    /// Sends a message, and with it what operations have to say by now: many messages cost little more than one.
    async fn send_all(&mut self, first: Utf8Bytes) -> Flow {
        let Self {
            socket, operations, ..
        } = self;
        sent_in_time(async {
            socket.feed(Message::Text(first)).await?;
            for _ in 1..MOST_AT_ONCE {
                let Some(text) = operations.ready() else {
                    break;
                };
                socket.feed(Message::Text(text)).await?;
            }
            socket.flush().await
        })
        .await
    }

    async fn send(&mut self, message: Message) -> Flow {
        sent_in_time(self.socket.send(message)).await
    }
}

/// What ends a session when something could not be sent, or not in time.
async fn sent_in_time(sending: impl Future<Output = Result<(), axum::Error>>) -> Flow {
    match timeout(HEARTBEAT, sending).await {
        Ok(Ok(())) => Flow::Continue(()),
        Ok(Err(_)) => Flow::Break(None),
        Err(_) => Flow::Break(Some(Close::Dead)),
    }
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Waits a moment for the peer to answer a close frame, so that it arrives before the connection is cut.
pub async fn await_close(socket: &mut WebSocket) {
    let answered = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = timeout(CLOSE_WAIT, answered).await;
}
