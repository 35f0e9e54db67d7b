//! Stopping in good order: everything that lives long watches for it, and is waited for.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// Tells when the server is to stop. Clones watch the same.
#[derive(Clone)]
pub struct Shutdown {
    requested: watch::Receiver<bool>,
    held: mpsc::Sender<()>,
}

/// The other end: asks to stop, and waits for those who hold it up.
pub struct Trigger {
    requested: watch::Sender<bool>,
    held: mpsc::Receiver<()>,
}

/// Keeps [`Trigger::released`] waiting until it is dropped.
pub struct Hold(
    #[expect(
        dead_code,
        reason = "the channel closes when the last sender is dropped"
    )]
    mpsc::Sender<()>,
);

/// A new pair.
pub fn channel() -> (Trigger, Shutdown) {
    let (requested, watching) = watch::channel(false);
    let (hold, held) = mpsc::channel(1);
    (
        Trigger { requested, held },
        Shutdown {
            requested: watching,
            held: hold,
        },
    )
}

impl Shutdown {
    /// Returns once the server is to stop.
    pub async fn requested(mut self) {
        // A trigger that is gone cannot ask any more.
        if self
            .requested
            .wait_for(|requested| *requested)
            .await
            .is_err()
        {
            std::future::pending().await
        }
    }

    /// Whether the server is to stop.
    pub fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }

    /// Holds the end of the process up until the hold is dropped.
    pub fn hold(&self) -> Hold {
        Hold(self.held.clone())
    }
}

impl Trigger {
    /// Asks everybody to stop.
    pub fn request(&self) {
        self.requested.send_replace(true);
    }

    /// Returns once nobody holds it up: every [`Shutdown`] and every [`Hold`] is gone.
    pub async fn released(&mut self) {
        while self.held.recv().await.is_some() {}
    }
}

/// The signals that end the server. From the moment they are watched, none is lost.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to watch.
    ///
    /// # Errors
    ///
    /// When signals cannot be watched.
    pub fn watch() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Returns at the first SIGTERM or SIGINT. A second one ends the process at once, with 130.
    pub async fn received(self) {
        let Signals {
            mut terminate,
            mut interrupt,
        } = self;
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
            _ = interrupt.recv() => tracing::info!("SIGINT: stopping"),
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(130);
        });
    }
}
