use anyhow::Context;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::config::Config;
use crate::{logs, start};

/// Serves until a signal asks to stop.
///
/// # Errors
///
/// When the server cannot start.
pub fn run(config: Config) -> anyhow::Result<()> {
    logs::start(&config)?;
    keep_memory_private()?;
    jackfield_allocator::share_arenas();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(start::serve(config))
}

/// Credentials are in memory: no core file of this process, and no look into it by other processes of its user.
fn keep_memory_private() -> anyhow::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).context("core files cannot be switched off")?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
            .context("the memory of the process cannot be kept from others")?;
    }
    Ok(())
}
