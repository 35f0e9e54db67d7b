use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_plugin_abi::Status;

use super::link::{Answer, Link, Pending};
use super::wire;
use crate::library::judge;
use crate::transport::{Conversation, Fault, Reply, described, refused};

/// A call that a child has open.
pub(super) struct OpenCall {
    link: Arc<Link>,
    number: u64,
    /// Whether the child has to be told when the call ends.
    open: bool,
    /// What was asked and not answered yet: it is still there when whoever waited for it has given up.
    pending: Option<Pending>,
    max_frame: usize,
}

impl OpenCall {
    /// None when the link takes no further calls.
    pub(super) fn begin(link: Arc<Link>, max_frame: usize) -> Option<Self> {
        Some(Self {
            number: link.begin()?,
            link,
            open: false,
            pending: None,
            max_frame,
        })
    }

    /// The frame of the manifest.
    pub(super) async fn describe(&mut self) -> Result<Bytes, Fault> {
        self.pending = Some(self.link.ask(wire::DESCRIBE, self.number, &[])?);
        let answer = self.answer().await?;
        described(self.judge(answer, "describe")?)
    }

    /// Begins the call and runs it to its first stop.
    pub(super) async fn open(&mut self, call: &[u8]) -> Result<Reply, Fault> {
        self.step(wire::OPEN, call).await
    }

    async fn step(&mut self, kind: i32, frame: &[u8]) -> Result<Reply, Fault> {
        self.pending = Some(self.link.ask(kind, self.number, frame)?);
        self.open = true;
        self.rest().await
    }

    async fn answer(&mut self) -> Result<Answer, Fault> {
        let answer = match &mut self.pending {
            Some(pending) => self.link.wait(pending).await,
            None => Err(Fault::Crashed("its process is gone".into())),
        };
        self.pending = None;
        answer
    }

    fn judge(&self, answer: Answer, function: &'static str) -> Result<Reply, Fault> {
        if answer.kind == wire::OPEN_FAILED {
            let status = answer
                .frame
                .first_chunk()
                .map_or(0, |bytes| i32::from_le_bytes(*bytes));
            return Err(refused(Status(status)));
        }
        let status = Status(answer.kind);
        judge(status, answer.frame, self.max_frame, function)
    }
}

#[async_trait]
impl Conversation for OpenCall {
    async fn resume(&mut self, events: Vec<u8>) -> Result<Reply, Fault> {
        self.step(wire::RESUME, &events).await
    }

    fn is_working(&self) -> bool {
        self.pending.is_some()
    }

    async fn rest(&mut self) -> Result<Reply, Fault> {
        let reply = match self.answer().await {
            Ok(answer) => self.judge(answer, "resume"),
            Err(fault) => Err(fault),
        };
        // The child closes what has ended by itself.
        self.open = matches!(reply, Ok(Reply { done: false, .. }));
        reply
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.link.end(self.number, self.open);
    }
}
