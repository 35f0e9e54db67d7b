//! A plugin in a sandboxed child process.
//!
//! One child serves all calls of a plugin. It is started when first needed, kept while there are calls and for a while
//! after, and started again after a crash, at growing intervals. A crash fails the calls in flight and nothing else; a
//! plugin that keeps crashing is put into quarantine.

pub(crate) mod breaker;
mod call;
mod ear;
mod health;
pub(crate) mod hello;
mod link;
mod meter;
mod output;
pub(crate) mod patience;
mod spawn;
mod start;
mod supervise;
pub(crate) mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use health::Record;
use link::Link;
pub(crate) use spawn::Program;

use super::{Conversation, Fault, Health, Reply, Transport};
use crate::host::PluginLimits;
use crate::image::Image;

/// A plugin in a child process.
pub(crate) struct Process {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    program: Arc<Program>,
    image: Image,
    limits: PluginLimits,
    running: Mutex<Option<Arc<Link>>>,
    starting: tokio::sync::Mutex<()>,
    record: Record,
    /// The child that was started last.
    pid: Mutex<Option<u32>>,
    /// How many lines its children printed.
    printed: Arc<AtomicUsize>,
}

impl Process {
    /// Nothing is started yet. `name` is for the log.
    pub(crate) fn new(
        name: String,
        program: Arc<Program>,
        image: Image,
        limits: PluginLimits,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                name,
                program,
                image,
                limits,
                running: Mutex::new(None),
                starting: tokio::sync::Mutex::new(()),
                record: Record::new(limits.breaker),
                pid: Mutex::default(),
                printed: Arc::default(),
            }),
        }
    }

    /// Starts a child, unless one is running.
    pub(crate) async fn start(&self) -> Result<(), Fault> {
        self.inner.begin().await.map(|_| ())
    }

    /// The number of the process of the child that was started last.
    pub(crate) fn pid(&self) -> Option<u32> {
        *self.inner.pid.lock()
    }

    /// How many lines were printed so far.
    pub(crate) fn printed(&self) -> usize {
        self.inner.printed.load(Ordering::Relaxed)
    }
}

impl Drop for Process {
    /// The child ends when the calls that it has open are over.
    fn drop(&mut self) {
        if let Some(link) = self.inner.running.lock().take() {
            link.close();
        }
    }
}

#[async_trait]
impl Transport for Process {
    async fn describe(&self) -> Result<Bytes, Fault> {
        let (mut call, probe) = self.inner.begin().await?;
        let frame = call.describe().await?;
        probe.passed();
        Ok(frame)
    }

    async fn open(&self, call: &[u8]) -> Result<(Box<dyn Conversation>, Reply), Fault> {
        let (mut talk, probe) = self.inner.begin().await?;
        let reply = talk.open(call).await;
        if !matches!(reply, Err(Fault::Crashed(_) | Fault::Stuck(_))) {
            probe.passed();
        }
        Ok((Box::new(talk), reply?))
    }

    fn health(&self) -> Health {
        self.inner.record.health()
    }
}
