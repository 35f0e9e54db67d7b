use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::connection::Connection;
use super::tls::{self, Roots};
use super::{Credentials, Server};
use crate::error::EgressError;
use crate::send::Inner;

/// How long a connection is kept on which nothing is sent.
const IDLE: Duration = Duration::from_secs(60);

/// By where it leads, and as whom.
type Slots = HashMap<(Server, Credentials), Arc<Slot>>;

/// The connections over which the next messages go.
#[derive(Default)]
pub(crate) struct Pool {
    slots: Arc<Mutex<Slots>>,
    /// Read when the first connection is opened.
    roots: OnceLock<Roots>,
}

/// One connection: open, being opened by the first who needs it, or failed.
pub(super) struct Slot {
    connection: OnceCell<Result<Connection, EgressError>>,
    used: Mutex<Instant>,
}

impl Pool {
    /// The place of the connection that is to be used now.
    pub(super) fn slot(&self, server: &Server, credentials: &Credentials) -> Arc<Slot> {
        let mut slots = self.slots.lock();
        let key = (server.clone(), credentials.clone());
        let slot = slots.entry(key).or_insert_with_key(|key| {
            let slot = Arc::new(Slot::new());
            let watched = (Arc::downgrade(&self.slots), Arc::downgrade(&slot));
            tokio::spawn(let_go_when_idle(watched.0, watched.1, key.clone()));
            slot
        });
        *slot.used.lock() = Instant::now();
        slot.clone()
    }

    /// Lets nobody else use a connection. It ends with the last who does.
    pub(super) fn retire(&self, server: &Server, credentials: &Credentials, slot: &Arc<Slot>) {
        let key = (server.clone(), credentials.clone());
        take_out(&mut self.slots.lock(), &key, slot);
    }

    pub(super) fn roots(&self, provider: &Arc<CryptoProvider>) -> &Roots {
        self.roots.get_or_init(|| tls::roots(provider))
    }
}

impl Slot {
    fn new() -> Self {
        Self {
            connection: OnceCell::new(),
            used: Mutex::new(Instant::now()),
        }
    }

    /// The connection, which the first to ask opens. When that fails, it fails for all who have waited.
    pub(super) async fn connection(
        &self,
        inner: &Inner,
        server: &Server,
        credentials: &Credentials,
    ) -> Result<&Connection, EgressError> {
        let open = || Connection::open(inner, server, credentials);
        let opened = self.connection.get_or_init(open).await;
        opened.as_ref().map_err(Clone::clone)
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.connection.get(), Some(Ok(_)))
    }
}

fn take_out(slots: &mut Slots, key: &(Server, Credentials), slot: &Arc<Slot>) {
    if slots.get(key).is_some_and(|found| Arc::ptr_eq(found, slot)) {
        slots.remove(key);
    }
}

/// Ends with the connection that it watches.
async fn let_go_when_idle(
    slots: Weak<Mutex<Slots>>,
    watched: Weak<Slot>,
    key: (Server, Credentials),
) {
    let mut pause = IDLE;
    loop {
        tokio::time::sleep(pause).await;
        let (Some(slots), Some(slot)) = (slots.upgrade(), watched.upgrade()) else {
            return;
        };
        let mut slots = slots.lock();
        let unused = slot.used.lock().elapsed();
        match IDLE.checked_sub(unused) {
            Some(left) if !left.is_zero() => pause = left,
            _ => return take_out(&mut slots, &key, &slot),
        }
    }
}
