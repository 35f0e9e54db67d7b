//! Hearing what other processes commit to the same PostgreSQL.

use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::postgres::{PgListener, PgNotification};
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

use super::{Elsewhere, Touched, order::Heard};
use crate::store::last_position;

/// The channel of the notifications.
pub(crate) const CHANNEL: &str = "jackfield_commits";

/// How often the head is looked at in case a notification was lost.
const POLL: Duration = Duration::from_secs(20);

/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(200);

/// Listens until it is stopped.
pub(crate) struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// Begins to listen for what other nodes than `node` commit. On return nothing is missed any
    /// more.
    pub async fn start(
        url: String,
        reader: DatabaseConnection,
        node: String,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Heard>), sqlx::Error> {
        let (says, heard) = mpsc::unbounded_channel();
        let connected = connect(&url).await?;
        let task = tokio::spawn(async move {
            let poll = poll(&reader, &says);
            let listen = listen(connected, &url, &reader, &node, &says);
            tokio::select! {
                () = poll => {}
                () = listen => {}
            }
        });
        Ok((Self { task }, heard))
    }

    /// Stops listening.
    pub fn stop(self) {
        self.task.abort();
    }
}

async fn connect(url: &str) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn listen(
    mut connected: PgListener,
    url: &str,
    reader: &DatabaseConnection,
    node: &str,
    says: &mpsc::UnboundedSender<Heard>,
) {
    loop {
        while let Ok(Some(notification)) = connected.try_recv().await {
            let Some(heard) = understand(&notification, node) else {
                continue;
            };
            if says.send(heard).is_err() {
                return;
            }
        }
        tracing::warn!("the connection that hears of other nodes was lost");
        connected = reconnect(url).await;
        // What was committed in between was not heard.
        if let Ok(head) = last_position(reader).await
            && says.send(Heard::Head(head)).is_err()
        {
            return;
        }
    }
}

async fn reconnect(url: &str) -> PgListener {
    loop {
        match connect(url).await {
            Ok(connected) => return connected,
            Err(error) => tracing::debug!(%error, "other nodes cannot be heard yet"),
        }
        sleep(PAUSE).await;
    }
}

async fn poll(reader: &DatabaseConnection, says: &mpsc::UnboundedSender<Heard>) {
    loop {
        sleep(POLL).await;
        match last_position(reader).await {
            Ok(head) if says.send(Heard::Head(head)).is_err() => return,
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the head of the log cannot be read"),
        }
    }
}

/// `NODE BASE HEAD WHAT`; nothing for what this node committed itself.
fn understand(notification: &PgNotification, node: &str) -> Option<Heard> {
    let mut parts = notification.payload().splitn(4, ' ');
    if parts.next()? == node {
        return None;
    }
    let (after, upto) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let touched = Touched::parse(parts.next().unwrap_or_default());
    Some(Heard::Committed(Elsewhere::new(after, upto, touched)))
}
