//! The server's process.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A process that dies with its owner.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn spawn(command: &mut Command) -> Result<Self> {
        let child = command.kill_on_drop(true).spawn();
        Ok(Self(child.with_context(|| {
            format!("starting {:?}", command.as_std().get_program())
        })?))
    }

    /// The exit status, if the process has ended.
    pub(super) fn status(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.0.try_wait()?)
    }

    /// Waits for the end for at most `patience`.
    pub(super) async fn exited(&mut self, patience: Duration) -> Result<ExitStatus> {
        let status = timeout(patience, self.0.wait()).await;
        Ok(status.with_context(|| format!("the server is still running after {patience:?}"))??)
    }

    /// Asks the process to stop.
    pub(super) fn terminate(&self) -> Result<()> {
        Ok(kill_process(self.pid()?, Signal::TERM)?)
    }

    /// Tells the process that what it reads has changed.
    pub(super) fn hang_up(&self) -> Result<()> {
        Ok(kill_process(self.pid()?, Signal::HUP)?)
    }

    /// Stops the process where it is, as a machine that hangs would, or lets it go on.
    pub(super) fn pause(&self, paused: bool) -> Result<()> {
        let signal = if paused { Signal::STOP } else { Signal::CONT };
        Ok(kill_process(self.pid()?, signal)?)
    }

    /// The process's id.
    pub(super) fn id(&self) -> Result<u32> {
        self.0.id().context("the server is not running")
    }

    fn pid(&self) -> Result<Pid> {
        Pid::from_raw(i32::try_from(self.id()?)?).context("a process id is positive")
    }

    /// Kills the process and reaps it.
    pub(super) async fn kill(&mut self) -> Result<()> {
        Ok(self.0.kill().await?)
    }
}

/// The processes whose parent this is, as Linux tells.
pub(super) fn children(parent: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // The process may be gone by now. Its name, in brackets, may have anything in it.
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let after = stat.rsplit(')').next().unwrap_or_default();
        if after.split_whitespace().nth(1) == Some(&parent.to_string()) {
            found.push(id);
        }
    }
    Ok(found)
}
