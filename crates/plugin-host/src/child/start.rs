use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use super::sandbox::{self, Kernel};
use super::serve;
use super::socket::Socket;
use crate::library::{Library, Step};
use crate::transport::process::hello::{Hello, NotLoaded, Sandbox, Setup};
use crate::transport::process::wire::{self, Head};

/// Most bytes of what the host says first.
const MAX_SETUP: usize = 16 << 10;

/// Locks the process up, loads the library, and serves.
pub(super) fn start(kernel: Kernel) -> io::Result<()> {
    let socket = take_socket()?;
    let (setup, image) = listen(&socket)?;
    let socket = Socket::new(socket, setup.stays);
    sandbox::die_with(setup.host)?;
    sandbox::limit(&setup)?;
    let sandbox = sandbox::close_doors(kernel).map_err(not_locked_up);
    let loaded = sandbox.and_then(|sandbox| Ok((sandbox, load(&setup, image.as_ref(), &sandbox)?)));
    drop(image);
    match loaded {
        Ok((sandbox, library)) => {
            greet(&socket, sandbox, None)?;
            serve::serve(&socket, &library, &setup)
        }
        Err(error) => greet(&socket, Sandbox::default(), Some(error)),
    }
}

/// The host's socket is standard input. It moves out of the way, so that a plugin that reads standard input gets nothing.
fn take_socket() -> io::Result<OwnedFd> {
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    rustix::net::sockopt::socket_type(&socket)?;
    let nothing = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    drop(nothing);
    sandbox::close_all_but(&socket);
    Ok(socket)
}

fn listen(socket: &OwnedFd) -> io::Result<(Setup, Option<OwnedFd>)> {
    let mut bytes = vec![0; MAX_SETUP];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut bytes)];
    // Elsewhere no descriptor comes along.
    #[cfg(target_os = "linux")]
    let flags = RecvFlags::CMSG_CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let flags = RecvFlags::empty();
    let received = recvmsg(socket, &mut parts, &mut control, flags)?.bytes;
    let setup = serde_json::from_slice(&bytes[..received])?;
    let image = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    Ok((setup, image))
}

fn load(setup: &Setup, image: Option<&OwnedFd>, sandbox: &Sandbox) -> Result<Library, NotLoaded> {
    let path = match image {
        Some(image) => PathBuf::from(format!("/proc/self/fd/{}", image.as_raw_fd())),
        None => setup.file.clone(),
    };
    let library = Library::load(Path::new(&path)).map_err(|error| NotLoaded {
        step: error.step(),
        reason: error.to_string(),
    })?;
    sandbox::close_files(sandbox).map_err(not_locked_up)?;
    Ok(library)
}

fn not_locked_up(reason: String) -> NotLoaded {
    NotLoaded {
        step: Step::Sandbox,
        reason,
    }
}

fn greet(socket: &Socket, sandbox: Sandbox, error: Option<NotLoaded>) -> io::Result<()> {
    let hello = serde_json::to_vec(&Hello { sandbox, error })?;
    let head = Head {
        len: hello.len(),
        kind: wire::HELLO,
        call: 0,
    };
    let mut bytes = head.encode().to_vec();
    bytes.extend_from_slice(&hello);
    socket.write_all(&bytes)
}
