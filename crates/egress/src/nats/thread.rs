//! The library's client on a thread of its own.
//!
//! Its task cannot be ended from outside: as long as the other side sends, it reads, keeps what is no whole message yet, and
//! does not look whether anybody still wants it. So that a server that sends without end takes neither the memory nor the
//! workers of this process, each connection has a small runtime that is given up with it, or when more comes in than answers.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, ServerAddr};
use tokio::runtime;
use tokio::sync::oneshot;

/// How often it is looked how much came in.
const LOOK: Duration = Duration::from_millis(100);

/// How many bytes may come in for each message that was sent: an answer, with what the protocol adds.
const PER_MESSAGE: u64 = 1 << 10;

/// How much of that is kept for later at most.
const AT_ONCE: u64 = 8 << 20;

/// Ends a client's thread when it is dropped.
pub(super) struct Thread(
    #[expect(dead_code, reason = "it is there to be dropped")] oneshot::Sender<()>,
);

/// Connects a client, which lives as long as the thread that comes with it.
pub(super) async fn connect(
    options: ConnectOptions,
    addresses: Vec<ServerAddr>,
) -> Result<(Client, Thread), ConnectError> {
    let (tell, told) = oneshot::channel();
    let (stop, stopped) = oneshot::channel();
    let stop = Thread(stop);
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let run = move || {
        runtime.block_on(live(options, addresses, tell, stopped));
        runtime.shutdown_background();
    };
    thread::Builder::new().name("nats".to_owned()).spawn(run)?;
    let ended = || ConnectError::with_source(ConnectErrorKind::Io, "its thread has ended");
    let client = told.await.unwrap_or_else(|_| Err(ended()))?;
    Ok((client, stop))
}

async fn live(
    options: ConnectOptions,
    addresses: Vec<ServerAddr>,
    tell: oneshot::Sender<Result<Client, ConnectError>>,
    mut stopped: oneshot::Receiver<()>,
) {
    let client = tokio::select! {
        client = options.connect(addresses) => client,
        _ = &mut stopped => return,
    };
    let statistics = client.as_ref().ok().map(Client::statistics);
    // Whoever asked may have lost patience.
    let _ = tell.send(client);
    let Some(statistics) = statistics else {
        return;
    };
    let (mut room, mut bytes, mut messages) = (AT_ONCE, 0, 0);
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let sent = statistics.out_messages.load(Ordering::Relaxed);
        let received = statistics.in_bytes.load(Ordering::Relaxed);
        room = AT_ONCE.min(room + PER_MESSAGE * (sent - messages));
        let Some(left) = room.checked_sub(received - bytes) else {
            tracing::warn!("a NATS server sends more than answers; its connection was closed");
            return;
        };
        (room, bytes, messages) = (left, received, sent);
    }
}
