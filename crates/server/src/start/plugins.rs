use std::time::Duration;

use jackfield_plugin_host::Host;
use tokio::signal::unix::{SignalKind, signal};

use crate::shutdown::Shutdown;

/// How often the plugins folder is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Loads plugins again when their folder or its lock changes, and at SIGHUP, until the server stops.
///
/// # Errors
///
/// When signals cannot be watched.
pub fn follow(host: Host, shutdown: Shutdown) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let watched = host.clone();
    let asked = async move {
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: loading plugins again");
            host.reload().await;
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            () = watched.follow(EVERY) => {}
            () = asked => {}
            () = shutdown.requested() => {}
        }
    });
    Ok(())
}
