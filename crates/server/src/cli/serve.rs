use crate::config::Config;
use crate::{logs, start};

/// Serves until a signal asks to stop.
///
/// # Errors
///
/// When the server cannot start.
pub fn run(config: Config) -> anyhow::Result<()> {
    logs::start(&config)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(start::serve(config))
}
