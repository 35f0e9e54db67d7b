//! The process that a plugin lives in: the server's own program, started again.
//!
//! The program has to call [`run`] before anything else when its first argument is [`CHILD_ARG`]: before threads, a
//! runtime or a logger.

mod sandbox;
mod serve;
mod socket;
mod start;

pub use sandbox::Kernel;

/// The hidden first argument that makes the server a plugin's process.
pub const CHILD_ARG: &str = "plugin-child";

/// Serves one plugin over standard input until the host is gone. Never returns.
pub fn run() -> ! {
    run_on(Kernel::default())
}

/// The same on a machine whose kernel is taken for one that can do less, for tests of what happens then.
pub fn run_on(kernel: Kernel) -> ! {
    let code = match start::start(kernel) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("this is the process of a plugin, which only the server starts: {error}");
            2
        }
    };
    std::process::exit(code)
}
