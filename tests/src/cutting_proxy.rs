//! A proxy between clients and servers, which cuts their connections at random.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::jackfield::Jackfield;
use crate::numbers::Numbers;

/// A connection is cut after fewer bytes of the server than these.
const BYTES: u64 = 64 << 10;
/// And before as many milliseconds, whatever it carries.
const MILLISECONDS: u64 = 800;

/// Passes each connection on to one of several servers, chosen at random, and cuts it in the middle of whatever it carries.
/// It ends when it is dropped.
pub struct CuttingProxy {
    origin: String,
    cuts: Arc<AtomicU64>,
    listening: JoinHandle<()>,
}

/// When a connection is cut, unless it ends before.
struct Cut {
    after_bytes: u64,
    after: Duration,
}

impl CuttingProxy {
    /// Starts one in front of these servers. The same seed makes the same choices, in the order in which connections are made.
    ///
    /// # Errors
    ///
    /// When there is no server, or no port is free.
    pub async fn start(servers: &[&Jackfield], seed: u64) -> Result<Self> {
        let addresses: Vec<SocketAddr> = servers.iter().map(address).collect::<Result<_>>()?;
        let among = u64::try_from(addresses.len())?;
        ensure!(among > 0, "a proxy needs a server");
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let cuts = Arc::<AtomicU64>::default();
        let counted = cuts.clone();
        let listening = tokio::spawn(async move {
            let mut numbers = Numbers::of(seed);
            while let Ok((client, _)) = listener.accept().await {
                let chosen = usize::try_from(numbers.below(among)).unwrap_or_default();
                let cut = Cut {
                    after_bytes: numbers.below(BYTES),
                    after: Duration::from_millis(numbers.below(MILLISECONDS)),
                };
                let (server, counted) = (addresses[chosen], counted.clone());
                tokio::spawn(async move {
                    // A connection that breaks by itself ends as one that is closed.
                    if pass(client, server, cut).await.unwrap_or(false) {
                        counted.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Ok(Self {
            origin,
            cuts,
            listening,
        })
    }

    /// Its own address, such as `http://127.0.0.1:4242`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many connections it has cut.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for CuttingProxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn address(server: &&Jackfield) -> Result<SocketAddr> {
    let url = server.url("");
    let address = url
        .strip_prefix("http://")
        .context("the tests speak HTTP")?;
    Ok(address.parse()?)
}

/// Passes on what both sides say. Whether it was cut before one of them had ended it.
#[expect(clippy::disallowed_methods, reason = "the tests are what is outside")]
async fn pass(mut client: TcpStream, server: SocketAddr, cut: Cut) -> Result<bool> {
    let mut server = TcpStream::connect(server).await?;
    let is_cut = {
        let (mut from_client, mut to_client) = client.split();
        let (from_server, mut to_server) = server.split();
        let mut from_server = from_server.take(cut.after_bytes);
        tokio::select! {
            _ = copy(&mut from_client, &mut to_server) => false,
            told = copy(&mut from_server, &mut to_client) => told? == cut.after_bytes,
            () = sleep(cut.after) => true,
        }
    };
    if is_cut {
        // Closing without lingering sends a reset.
        client.set_zero_linger()?;
        server.set_zero_linger()?;
    }
    Ok(is_cut)
}
