use async_trait::async_trait;
use bytes::Bytes;
use jackfield_plugin_abi::Status;

use super::{Conversation, Fault, Reply, Transport, described, refused};
use crate::library::{Instance, Library, Sink, verdict};

/// A plugin in the server's own process.
///
/// Its functions run right on the worker of the async runtime: a resume takes microseconds, less than a change of
/// threads. An endless loop in one takes a worker with it, which is why an operator has to choose this transport.
pub(crate) struct InProcess {
    library: Library,
    max_frame: usize,
}

impl InProcess {
    pub(crate) fn new(library: Library, max_frame: usize) -> Self {
        Self { library, max_frame }
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn describe(&self) -> Result<Bytes, Fault> {
        let mut sink = Sink::new(self.max_frame);
        let status = self.library.describe(&mut sink);
        described(verdict(status, sink, "describe")?)
    }

    async fn open(&self, call: &[u8]) -> Result<(Box<dyn Conversation>, Reply), Fault> {
        let instance = match self.library.open(call) {
            Ok(instance) => instance,
            Err(status) => return Err(refused(status)),
        };
        let mut talk = Talk {
            instance,
            max_frame: self.max_frame,
        };
        let reply = talk.step(&[])?;
        Ok((Box::new(talk), reply))
    }

    fn shares_fate(&self) -> bool {
        true
    }
}

struct Talk {
    instance: Instance,
    max_frame: usize,
}

impl Talk {
    fn step(&mut self, events: &[u8]) -> Result<Reply, Fault> {
        let mut sink = Sink::new(self.max_frame);
        let status: Status = self.instance.resume(events, &mut sink);
        verdict(status, sink, "resume")
    }
}

#[async_trait]
impl Conversation for Talk {
    async fn resume(&mut self, events: Vec<u8>) -> Result<Reply, Fault> {
        self.step(&events)
    }

    fn is_working(&self) -> bool {
        false
    }

    async fn rest(&mut self) -> Result<Reply, Fault> {
        Err(Fault::Misbehaved("nothing was asked of it".into()))
    }
}
