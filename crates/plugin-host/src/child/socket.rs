use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;

use crate::transport::process::patience::{MOMENT, Patience};

/// Do not wait.
const NOT_AT_ALL: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

/// The child's end of its socket.
pub(super) struct Socket {
    fd: OwnedFd,
    /// How long the host lets the child wait; none when the child must not stay awake.
    patience: Option<Patience>,
}

impl Socket {
    pub(super) fn new(fd: OwnedFd, stays: bool) -> Self {
        Self {
            fd,
            patience: stays.then(Patience::default),
        }
    }

    /// Waits until something comes, awake for a moment when that pays; 0 when the host is gone.
    pub(super) fn read(&self, room: &mut [u8]) -> io::Result<usize> {
        let began = Instant::now();
        if self.patience.as_ref().is_some_and(Patience::pays) {
            while began.elapsed() < MOMENT && self.is_silent() {
                // The host may have been put on the same processor.
                std::thread::yield_now();
            }
        }
        let read = retry_on_intr(|| rustix::io::read(&self.fd, &mut *room))?;
        if let Some(patience) = &self.patience {
            patience.waited(began.elapsed());
        }
        Ok(read)
    }

    /// The socket itself stays one that waits: a plugin that reads it would otherwise get away with it.
    fn is_silent(&self) -> bool {
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        poll(&mut fds, Some(&NOT_AT_ALL)) == Ok(0)
    }

    pub(super) fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = retry_on_intr(|| rustix::io::write(&self.fd, bytes))?;
            bytes = &bytes[written..];
        }
        Ok(())
    }
}
