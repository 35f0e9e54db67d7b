use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use futures_util::stream::{AbortHandle, BoxStream, SelectAll, abortable};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use jackfield_graphql::{Answer, Caller, Frame, Parameters};

use super::message::{self, ServerMessage};
use crate::http::App;

/// How many operations a socket may have open.
const LIMIT: usize = 100;

/// The operations that a socket has open. They go on when they are asked for the next message: a client that takes nothing
/// holds them up. They end when this is dropped.
pub struct Operations {
    app: Arc<App>,
    running: HashMap<Arc<str>, AbortHandle>,
    messages: SelectAll<BoxStream<'static, Outgoing>>,
}

/// What an operation has to say.
struct Outgoing {
    /// Which operation.
    id: Arc<str>,
    text: Utf8Bytes,
    /// Whether it is the operation's last message.
    last: bool,
}

impl Operations {
    pub fn new(app: Arc<App>) -> Self {
        Self {
            app,
            running: HashMap::new(),
            messages: SelectAll::new(),
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
    pub fn start(&mut self, id: &str, parameters: Parameters, caller: &Caller) {
        let id: Arc<str> = id.into();
        let frames = match self.app.api.prepare(parameters) {
            Ok(operation) => match self
                .app
                .budget
                .spend(caller.principal.as_ref(), operation.cost())
            {
                Ok(_) => self.app.api.follow(operation, caller),
                Err(exhausted) => refusing(exhausted.answer()),
            },
            Err(answer) => refusing(*answer),
        };
        let (messages, handle) = abortable(messages(id.clone(), frames));
        self.messages.push(messages.boxed());
        self.running.insert(id, handle);
    }

    /// Ends an operation that the client wants no more. What it still had to say is not sent.
    pub fn stop(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// The next message to send; none ever while no operation is open.
    pub async fn next(&mut self) -> Utf8Bytes {
        match self.messages.next().await {
            Some(outgoing) => self.sent(outgoing),
            None => std::future::pending().await,
        }
    }

    /// Another message, if there is one already.
    pub fn ready(&mut self) -> Option<Utf8Bytes> {
        let outgoing = self.messages.next().now_or_never()??;
        Some(self.sent(outgoing))
    }

    fn sent(&mut self, outgoing: Outgoing) -> Utf8Bytes {
        if outgoing.last {
            self.running.remove(&outgoing.id);
        }
        outgoing.text
    }
}

fn refusing(answer: Answer) -> BoxStream<'static, Frame> {
    stream::once(async { Frame::Refused(Arc::new(answer)) }).boxed()
}

/// `next` for each answer, then `complete`; or `error` when the operation was not executed or cannot go on.
fn messages(id: Arc<str>, frames: BoxStream<'static, Frame>) -> impl Stream<Item = Outgoing> {
    let head = message::next_head(&id);
    stream::unfold(Some(frames), move |frames| {
        let (id, head) = (id.clone(), head.clone());
        async move {
            let mut frames = frames?;
            let (text, left) = match frames.next().await {
                Some(Frame::Next { json, .. }) => (message::next(&head, &json), Some(frames)),
                Some(Frame::Refused(answer)) => (error(&id, &answer), None),
                None => {
                    let complete = ServerMessage::Complete { id: &id };
                    (complete.to_text().into(), None)
                }
            };
            let last = left.is_none();
            Some((Outgoing { id, text, last }, left))
        }
    })
}

fn error(id: &str, answer: &Answer) -> Utf8Bytes {
    let payload = answer.errors();
    ServerMessage::Error { id, payload }.to_text().into()
}
