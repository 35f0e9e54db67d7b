use std::sync::Arc;

use tokio::sync::oneshot;

use super::Inner;
use super::call::OpenCall;
use super::health::Probe;
use super::hello::{Hello, Setup};
use super::link::{Answer, Link};
use super::{output, patience, supervise, wire};
use crate::transport::Fault;

/// The number of the conversation in which a child says hello.
pub(super) const HELLO_CALL: u64 = 0;

impl Inner {
    /// A call of the running child, or of a new one.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<(OpenCall, Probe<'_>), Fault> {
        if self.record.is_open()
            && let Some(call) = self.begin_here()
        {
            return Ok((call, Probe::FREE));
        }
        let (probe, pause) = self.record.admit()?;
        let _one_at_a_time = self.starting.lock().await;
        if let Some(call) = self.begin_here() {
            return Ok((call, probe));
        }
        // The timer counts in whole milliseconds: even no time at all would take one of them, half of a start.
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let started = tokio::time::timeout(self.limits.start, self.start()).await;
        let started = started.unwrap_or_else(|_| {
            let limit = self.limits.start.as_millis();
            // Its supervisor ends it, and counts that.
            Err(Fault::Stuck(format!("it did not start within {limit} ms")))
        });
        Ok((started?, probe))
    }

    /// A call of the running child, which may have ended a moment ago.
    fn begin_here(&self) -> Option<OpenCall> {
        let link = self.running.lock().clone()?;
        match link.is_well() {
            true => OpenCall::begin(link, self.limits.max_frame()),
            false => None,
        }
    }

    /// Starts a child, and with it the call that it is started for, so that it is needed from the beginning.
    async fn start(self: &Arc<Self>) -> Result<OpenCall, Fault> {
        let setup = Setup {
            host: std::process::id(),
            file: self.image.path(),
            memory: self.limits.memory,
            cpu_seconds: (self.limits.start + self.limits.cpu).as_secs() + 1,
            max_frame: self.limits.max_frame(),
            max_output: self.limits.max_frame().min(self.limits.output),
            stays: patience::has_company(),
        };
        let spawned = self.program.spawn(&self.image, &setup).await;
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
        let link = Arc::new(Link::new(socket, setup.max_frame, setup.stays));
        let gone = || Fault::Crashed("its process is gone".into());
        let call = OpenCall::begin(link.clone(), setup.max_frame).ok_or_else(gone)?;
        let (waiter, hello) = oneshot::channel();
        link.expect(HELLO_CALL, waiter)?;
        tokio::spawn(supervise::supervise(self.clone(), link.clone(), child));
        let hello = hello.await.unwrap_or_else(|_| Err(gone()));
        // A child that is not wanted after all is ended by its supervisor.
        self.welcome(hello?).inspect_err(|_| link.close())?;
        let program = self.program.clone();
        tokio::spawn(async move { program.make_ready().await });
        *self.running.lock() = Some(link);
        Ok(call)
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
        self.record.found(hello.sandbox);
        match hello.error {
            Some(error) => Err(Fault::Unusable {
                step: error.step,
                reason: error.reason,
            }),
            None => Ok(()),
        }
    }
}
