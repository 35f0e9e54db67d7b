use std::io;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::hello::Setup;
use crate::child::CHILD_ARG;
use crate::image::Image;

/// Starts a child and tells it what to load. The socket is its standard input, so nothing has to run between fork and
/// exec, and the environment is empty.
pub(super) async fn spawn(
    program: &Path,
    image: &Image,
    setup: &Setup,
) -> io::Result<(Child, UnixStream)> {
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
    tell(&ours, image, setup)?;
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
