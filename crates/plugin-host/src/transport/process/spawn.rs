use std::io;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use parking_lot::Mutex;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::hello::Setup;
use crate::child::CHILD_ARG;
use crate::image::Image;

/// The program that plugins run in, and a process of it that has started for whichever plugin comes next: that is most of
/// what a child costs, and the same for all plugins.
pub(crate) struct Program {
    path: PathBuf,
    keeps_ready: bool,
    ready: Mutex<Option<Waiting>>,
}

/// A process that has started and waits to be told what to load. It ends when its socket does.
type Waiting = (Child, UnixStream);

impl Program {
    /// For one plugin: nothing is kept ready.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            keeps_ready: false,
            ready: Mutex::default(),
        }
    }

    /// For many: from the first start on, a process is kept ready for the next.
    pub(crate) fn keeping_ready(path: PathBuf) -> Self {
        Self {
            keeps_ready: true,
            ..Self::new(path)
        }
    }

    /// A child, told what to load.
    pub(super) async fn spawn(&self, image: &Image, setup: &Setup) -> io::Result<Waiting> {
        let ready = self.ready.lock().take();
        if let Some((mut child, socket)) = ready
            && matches!(child.try_wait(), Ok(None))
            && tell(&socket, image, setup).is_ok()
        {
            return Ok((child, socket));
        }
        let (child, socket) = start(&self.path).await?;
        tell(&socket, image, setup)?;
        Ok((child, socket))
    }

    /// Starts the process for the next plugin, unless there is one.
    pub(super) async fn make_ready(&self) {
        if !self.keeps_ready || self.ready.lock().is_some() {
            return;
        }
        match start(&self.path).await {
            Ok(waiting) => *self.ready.lock() = Some(waiting),
            Err(error) => tracing::debug!(%error, "no process is ready for the next plugin"),
        }
    }
}

/// Starts a child. The socket is its standard input, so nothing has to run between fork and exec, and the environment is
/// empty.
async fn start(program: &Path) -> io::Result<Waiting> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = Command::new(program);
    command
        .arg(CHILD_ARG)
        .env_clear()
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let child = on_lasting_thread(command).await?;
    ours.set_nonblocking(true)?;
    Ok((child, ours))
}

fn tell(socket: &UnixStream, image: &Image, setup: &Setup) -> io::Result<()> {
    let setup = serde_json::to_vec(setup)?;
    let descriptors: Vec<_> = image.descriptor().into_iter().collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    // Elsewhere it has to do that Rust programs ignore SIGPIPE.
    #[cfg(target_os = "linux")]
    let flags = SendFlags::NOSIGNAL;
    #[cfg(not(target_os = "linux"))]
    let flags = SendFlags::empty();
    let sent = sendmsg(socket, &[IoSlice::new(&setup)], &mut control, flags)?;
    match sent == setup.len() {
        true => Ok(()),
        false => Err(io::ErrorKind::WriteZero.into()),
    }
}

/// A child dies with the thread that started it (`PR_SET_PDEATHSIG`), and threads of the runtime come and go: this one
/// stays.
async fn on_lasting_thread(command: Command) -> io::Result<Child> {
    struct Job {
        command: Command,
        runtime: Handle,
        done: oneshot::Sender<io::Result<Child>>,
    }
    static JOBS: OnceLock<Sender<Job>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| {
        let (sender, jobs) = channel::<Job>();
        let work = move || {
            for mut job in jobs {
                let _runtime = job.runtime.enter();
                job.done.send(job.command.spawn()).ok();
            }
        };
        let thread = std::thread::Builder::new().name("plugin-spawner".into());
        if let Err(error) = thread.spawn(work) {
            tracing::error!(%error, "no thread to start plugins on");
        }
        sender
    });
    let (done, started) = oneshot::channel();
    let job = Job {
        command,
        runtime: Handle::current(),
        done,
    };
    let gone = || io::Error::other("the thread that starts plugins is gone");
    jobs.send(job).map_err(|_| gone())?;
    started.await.map_err(|_| gone())?
}
