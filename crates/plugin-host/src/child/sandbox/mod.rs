//! What keeps a plugin's process from everything but its socket.

#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod seccomp;

use std::io;
use std::os::fd::OwnedFd;

#[cfg(target_os = "linux")]
use rustix::process::DumpableBehavior;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::transport::process::hello::{Sandbox, Setup};

/// Most open files; loading a library with what it depends on takes a few at a time.
const FILES: u64 = 32;

/// Has the kernel end this process when the thread that started it ends, which lasts as long as the host.
#[cfg(target_os = "linux")]
pub(super) fn die_with(host: u32) -> io::Result<()> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The host may have died before the kernel was told.
    let parent = getppid().map(|parent| parent.as_raw_nonzero().get().cast_unsigned());
    match parent == Some(host) {
        true => Ok(()),
        false => Err(io::Error::other("the server that started it is gone")),
    }
}

/// Elsewhere the end of the socket has to do.
#[cfg(not(target_os = "linux"))]
pub(super) fn die_with(_host: u32) -> io::Result<()> {
    Ok(())
}

/// Bounds memory, processor time, files and core dumps.
pub(super) fn limit(setup: &Setup) -> io::Result<()> {
    let at_most = |resource, most| set(resource, Some(most), Some(most));
    at_most(Resource::Core, 0)?;
    at_most(Resource::Fsize, 0)?;
    at_most(Resource::Nofile, FILES)?;
    let memory = at_most(Resource::Data, setup.memory);
    // Address space that is reserved and not used costs nothing, but has to end somewhere: shared mappings do not count
    // as data.
    let space = at_most(Resource::As, setup.memory.saturating_mul(4));
    // Other systems need not be able to bound these; what they do is what the sandbox tells.
    if cfg!(target_os = "linux") {
        memory.and(space)?;
    }
    // The kernel counts over the whole life of a process, which may be long: the host watches each step and moves this
    // limit ahead as long as it does.
    let hard = getrlimit(Resource::Cpu).maximum;
    let soft = hard.map_or(setup.cpu_seconds, |hard| hard.min(setup.cpu_seconds));
    set(Resource::Cpu, Some(soft), hard)
}

fn set(resource: Resource, current: Option<u64>, maximum: Option<u64>) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current, maximum })?)
}

/// Closes every descriptor besides the three standard ones and this.
pub(super) fn close_all_but(socket: &OwnedFd) {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let kept = socket.as_raw_fd().cast_unsigned();
        for (first, last) in [(3, kept.saturating_sub(1)), (kept + 1, u32::MAX)] {
            if first <= last {
                // SAFETY: nothing in this process owns any of these descriptors: it has only just begun.
                unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
}

/// What to take the kernel for. Only tests have reason to think less of it than it is.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// The newest version of Landlock's rules that it knows; 0 for none.
    pub landlock: u8,
    /// Whether it has seccomp filters.
    pub seccomp: bool,
}

impl Default for Kernel {
    /// Everything that there is, as far as the kernel has it.
    fn default() -> Self {
        Self {
            landlock: u8::MAX,
            seccomp: true,
        }
    }
}

/// Gives up every right that loading and running a plugin has no need of, as far as this machine can, and looks at what
/// came of it.
#[cfg(target_os = "linux")]
pub(super) fn close_doors(kernel: Kernel) -> Result<Sandbox, String> {
    // A core file would hold what the plugin was told. A limit of size does not reach those that are piped to a program.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|error| format!("no core files: {error}"))?;
    rustix::thread::set_no_new_privs(true).map_err(|error| format!("no_new_privs: {error}"))?;
    let (landlock, landlock_abi) =
        landlock::restrict(kernel.landlock).map_err(|error| format!("Landlock: {error}"))?;
    if kernel.seccomp {
        seccomp::restrict().map_err(|error| format!("seccomp: {error}"))?;
    }
    Ok(Sandbox {
        landlock,
        landlock_abi,
        seccomp: seccomp::is_in_force(),
        no_new_privileges: rustix::thread::no_new_privs().unwrap_or(false),
        ..limits()
    })
}

/// Elsewhere there are only the limits.
#[cfg(not(target_os = "linux"))]
pub(super) fn close_doors(_kernel: Kernel) -> Result<Sandbox, String> {
    Ok(limits())
}

fn limits() -> Sandbox {
    Sandbox {
        memory: getrlimit(Resource::Data).current,
        files: getrlimit(Resource::Nofile).current,
        ..Sandbox::default()
    }
}

/// Gives up opening files, which only loading needs.
pub(super) fn close_files(sandbox: &Sandbox) -> Result<(), String> {
    #[cfg(target_os = "linux")]
    if sandbox.seccomp {
        seccomp::close_files().map_err(|error| format!("seccomp: {error}"))?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = sandbox;
    Ok(())
}
