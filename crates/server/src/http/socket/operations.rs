use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use jackfield_graphql::{Answer, Caller, Parameters};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::message::ServerMessage;
use crate::http::App;

/// How many operations a socket may have open.
const LIMIT: usize = 100;
/// How many messages may wait for the socket. An operation whose client is slow then waits, and a subscription
/// catches up from its cursor.
const QUEUE: usize = 32;

/// What operations have to say, on its way to the socket.
pub struct Outgoing {
    /// Which operation.
    pub id: String,
    /// Tells an operation from an earlier one of the same id.
    serial: u64,
    /// The message.
    pub text: String,
    /// Whether it is the operation's last.
    pub last: bool,
}

/// The operations that a socket has open. They end when it is dropped.
pub struct Operations {
    app: Arc<App>,
    running: HashMap<String, Running>,
    serial: u64,
    sender: mpsc::Sender<Outgoing>,
    receiver: mpsc::Receiver<Outgoing>,
}

struct Running {
    serial: u64,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Operations {
    pub fn new(app: Arc<App>) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        Self {
            app,
            running: HashMap::new(),
            serial: 0,
            sender,
            receiver,
        }
    }

    /// Whether an operation of this id is open.
    pub fn has(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Whether another operation may be opened.
    pub fn full(&self) -> bool {
        self.running.len() >= LIMIT
    }

    /// Executes an operation; an invalid one is answered with `error`.
    pub fn start(&mut self, id: String, parameters: Parameters, caller: &Caller) {
        self.serial += 1;
        let outlet = Outlet {
            id: id.clone(),
            serial: self.serial,
            sender: self.sender.clone(),
        };
        let (app, caller) = (self.app.clone(), caller.clone());
        let run = async move {
            match app.api.prepare(parameters) {
                Ok(operation) => outlet.drain(app.api.follow(operation, &caller)).await,
                Err(answer) => outlet.error(&answer).await,
            }
        };
        let task = tokio::spawn(run.in_current_span());
        self.running.insert(
            id,
            Running {
                serial: self.serial,
                task,
            },
        );
    }

    /// Ends an operation that the client wants no more. What it still had to say is not sent.
    pub fn stop(&mut self, id: &str) {
        self.running.remove(id);
    }

    /// The next message to send.
    pub async fn next(&mut self) -> String {
        loop {
            let Some(outgoing) = self.receiver.recv().await else {
                return std::future::pending().await;
            };
            let current = self
                .running
                .get(&outgoing.id)
                .is_some_and(|running| running.serial == outgoing.serial);
            if !current {
                continue;
            }
            if outgoing.last {
                self.running.remove(&outgoing.id);
            }
            return outgoing.text;
        }
    }
}

struct Outlet {
    id: String,
    serial: u64,
    sender: mpsc::Sender<Outgoing>,
}

impl Outlet {
    /// Sends each answer, then `complete`; or `error` alone when the operation was not executed.
    async fn drain(&self, answers: impl Stream<Item = Answer>) {
        let mut answers = std::pin::pin!(answers);
        while let Some(answer) = answers.next().await {
            if !answer.executed() {
                return self.error(&answer).await;
            }
            self.send(
                &ServerMessage::Next {
                    id: &self.id,
                    payload: &answer,
                },
                false,
            )
            .await;
        }
        self.send(&ServerMessage::Complete { id: &self.id }, true)
            .await;
    }

    async fn error(&self, answer: &Answer) {
        self.send(
            &ServerMessage::Error {
                id: &self.id,
                payload: answer.errors(),
            },
            true,
        )
        .await;
    }

    async fn send(&self, message: &ServerMessage<'_>, last: bool) {
        let outgoing = Outgoing {
            id: self.id.clone(),
            serial: self.serial,
            text: message.to_text(),
            last,
        };
        // The receiver is gone when the socket is; then this task is being aborted too.
        let _ = self.sender.send(outgoing).await;
    }
}
