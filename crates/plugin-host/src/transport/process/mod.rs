//! A plugin in a sandboxed child process.
//!
//! One child serves all calls of a plugin. It is started when first needed, kept while there are calls and for a while
//! after, and started again after a crash, at growing intervals. A crash fails the calls in flight and nothing else.

pub(crate) mod hello;
mod link;
mod output;
mod spawn;
mod supervise;
pub(crate) mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_plugin_abi::Status;
use parking_lot::Mutex;
use tokio::net::UnixStream;
use tokio::sync::oneshot;

use hello::{Hello, Sandbox, Setup};
use link::{Answer, Link};

use super::{Conversation, Fault, Reply, Transport, described, refused};
use crate::host::PluginLimits;
use crate::image::Image;
use crate::library::judge;

/// The number of the conversation in which a child says hello.
const HELLO_CALL: u64 = 0;
/// How long a call waits for a plugin that may not be started yet.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest time between two starts of a plugin that keeps crashing.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A plugin in a child process.
pub(crate) struct Process {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    program: PathBuf,
    image: Image,
    limits: PluginLimits,
    running: Mutex<Option<Arc<Link>>>,
    starting: tokio::sync::Mutex<()>,
    health: Mutex<Health>,
    /// The child that was started last.
    pid: Mutex<Option<u32>>,
    /// How many lines its children printed.
    printed: Arc<AtomicUsize>,
}

/// What is remembered of children that are gone.
#[derive(Default)]
struct Health {
    /// Crashes since a child last answered a call.
    crashes: u32,
    /// When the next child may be started.
    not_before: Option<Instant>,
    /// What was in force in the last child.
    sandbox: Sandbox,
}

impl Process {
    /// Nothing is started yet. `name` is for the log.
    pub(crate) fn new(name: String, program: PathBuf, image: Image, limits: PluginLimits) -> Self {
        Self {
            inner: Arc::new(Inner {
                name,
                program,
                image,
                limits,
                running: Mutex::new(None),
                starting: tokio::sync::Mutex::new(()),
                health: Mutex::default(),
                pid: Mutex::default(),
                printed: Arc::default(),
            }),
        }
    }

    /// Starts a child, unless one is running.
    pub(crate) async fn start(&self) -> Result<(), Fault> {
        self.inner.link().await.map(|_| ())
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
        let link = self.inner.link().await?;
        let call = OpenCall::begin(link, self.inner.limits.max_frame());
        let answer = call.link.ask(wire::DESCRIBE, call.number, &[]).await?;
        described(call.judge(answer, "describe")?)
    }

    async fn open(&self, call: &[u8]) -> Result<(Box<dyn Conversation>, Reply), Fault> {
        let link = self.inner.link().await?;
        let mut talk = OpenCall::begin(link, self.inner.limits.max_frame());
        let reply = talk.step(wire::OPEN, call).await?;
        Ok((Box::new(talk), reply))
    }

    fn sandbox(&self) -> Option<Sandbox> {
        Some(self.inner.health.lock().sandbox)
    }
}

/// A call that a child has open.
struct OpenCall {
    link: Arc<Link>,
    number: u64,
    /// Whether the child has to be told when the call ends.
    open: bool,
    max_frame: usize,
}

impl OpenCall {
    fn begin(link: Arc<Link>, max_frame: usize) -> Self {
        Self {
            number: link.begin(),
            link,
            open: false,
            max_frame,
        }
    }

    async fn step(&mut self, kind: i32, frame: &[u8]) -> Result<Reply, Fault> {
        self.open = true;
        let answer = self.link.ask(kind, self.number, frame).await?;
        let reply = self.judge(answer, "resume");
        // The child closes what has ended by itself.
        self.open = matches!(reply, Ok(Reply { done: false, .. }));
        reply
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

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.link.end(self.number, self.open);
    }
}

#[async_trait]
impl Conversation for OpenCall {
    async fn resume(&mut self, events: Vec<u8>) -> Result<Reply, Fault> {
        self.step(wire::RESUME, &events).await
    }
}

impl Inner {
    /// The running child, or a new one.
    async fn link(self: &Arc<Self>) -> Result<Arc<Link>, Fault> {
        if let Some(link) = self.alive() {
            return Ok(link);
        }
        let _one_at_a_time = self.starting.lock().await;
        if let Some(link) = self.alive() {
            return Ok(link);
        }
        self.wait_for_permission().await?;
        let started = tokio::time::timeout(self.limits.start, self.start()).await;
        let started = started.unwrap_or_else(|_| {
            let limit = self.limits.start.as_millis();
            let message = format!("it did not start within {limit} ms");
            self.crashed();
            Err(Fault::Stuck(message))
        });
        let link = started?;
        *self.running.lock() = Some(link.clone());
        Ok(link)
    }

    fn alive(&self) -> Option<Arc<Link>> {
        let running = self.running.lock();
        running.as_ref().filter(|link| link.is_alive()).cloned()
    }

    async fn wait_for_permission(&self) -> Result<(), Fault> {
        let not_before = self.health.lock().not_before;
        let now = Instant::now();
        let pause = not_before.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        if pause > PATIENCE {
            return Err(Fault::Unavailable {
                message: "it crashed several times and is started again later".into(),
                retry_after_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            });
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    async fn start(self: &Arc<Self>) -> Result<Arc<Link>, Fault> {
        let setup = Setup {
            host: std::process::id(),
            file: self.image.path(),
            memory: self.limits.memory,
            max_frame: self.limits.max_frame(),
            max_output: self.limits.max_frame().min(self.limits.output),
        };
        let spawned = spawn::spawn(&self.program, &self.image, &setup).await;
        let not_started = |error: std::io::Error| {
            Fault::Crashed(format!("its process could not be started: {error}"))
        };
        let (mut child, socket) = spawned.map_err(not_started)?;
        *self.pid.lock() = child.id();
        if let Some(stdout) = child.stdout.take() {
            output::log(self.name.clone(), "stdout", stdout, self.printed.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            output::log(self.name.clone(), "stderr", stderr, self.printed.clone());
        }
        let socket = UnixStream::from_std(socket).map_err(not_started)?;
        let link = Arc::new(Link::new(socket, self.limits.max_frame()));
        let (waiter, hello) = oneshot::channel();
        link.expect(HELLO_CALL, waiter)?;
        tokio::spawn(supervise::supervise(self.clone(), link.clone(), child));
        let gone = || Err(Fault::Crashed("its process is gone".into()));
        let hello = hello.await.unwrap_or_else(|_| gone());
        // A child that is not wanted after all is ended by its supervisor.
        self.welcome(hello?).inspect_err(|_| link.close())?;
        Ok(link)
    }

    fn welcome(&self, answer: Answer) -> Result<(), Fault> {
        let hello = match answer.kind {
            wire::HELLO => serde_json::from_slice::<Hello>(&answer.frame).ok(),
            _ => None,
        };
        let Some(hello) = hello else {
            let message = "its process did not introduce itself";
            return Err(Fault::Misbehaved(message.into()));
        };
        self.health.lock().sandbox = hello.sandbox;
        match hello.error {
            Some(error) => Err(Fault::Unusable {
                step: error.step,
                reason: error.reason,
            }),
            None => Ok(()),
        }
    }

    /// Puts off the next start: not at all after one crash, then for 100 ms, 200 ms, ….
    fn crashed(&self) {
        let mut health = self.health.lock();
        health.crashes += 1;
        let doublings = health.crashes.saturating_sub(2).min(16);
        let pause = Duration::from_millis(100) * 2_u32.pow(doublings);
        health.not_before = (health.crashes > 1).then(|| Instant::now() + pause.min(LONGEST_PAUSE));
    }

    fn worked(&self) {
        let mut health = self.health.lock();
        health.crashes = 0;
        health.not_before = None;
    }
}
