//! Takes webhooks with as little work as possible: what is measured is the server.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::sent_at::sent_at;

/// A service that answers 204 to everything, except below `/dead`, where it never answers.
pub struct Receiver {
    address: String,
    /// How long each webhook took from its publication on, in nanoseconds.
    latencies: Rc<RefCell<Vec<u64>>>,
}

impl Receiver {
    /// Starts listening. Must be called within a local set.
    pub async fn start(start: Instant) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let latencies = Rc::new(RefCell::new(Vec::new()));
        let noted = latencies.clone();
        spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let noted = noted.clone();
                spawn_local(async move {
                    // A connection that breaks off shows as a webhook that is sent again.
                    let _ended = serve(stream, start, &noted).await;
                });
            }
        });
        Ok(Self { address, latencies })
    }

    /// The URL of an endpoint.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// How many have arrived since the last [`take`](Self::take).
    pub fn count(&self) -> usize {
        self.latencies.borrow().len()
    }

    /// Waits until so many have arrived.
    pub async fn until(&self, count: usize) -> Result<()> {
        let mut last = (0, Instant::now());
        while self.count() < count {
            if self.count() > last.0 {
                last = (self.count(), Instant::now());
            }
            ensure!(
                last.1.elapsed() < Duration::from_secs(20),
                "{} of {count} webhooks have arrived",
                self.count()
            );
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// The latencies so far, sorted, which are forgotten here.
    pub fn take(&self) -> Vec<u64> {
        let mut latencies = self.latencies.take();
        latencies.sort_unstable();
        latencies
    }
}

async fn serve(mut stream: TcpStream, start: Instant, latencies: &RefCell<Vec<u64>>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let read = stream.read_buf(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        while let Some(length) = whole(&buffer) {
            if buffer.starts_with(b"POST /dead") {
                std::future::pending::<()>().await;
            }
            let now = u64::try_from(start.elapsed().as_nanos())?;
            latencies
                .borrow_mut()
                .push(now.saturating_sub(sent_at(&buffer[..length])));
            buffer.drain(..length);
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
        }
    }
}

/// The length of the first request, once it is there.
fn whole(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&buffer[..head]).ok()?;
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    let whole = head + 4 + length.trim().parse::<usize>().ok()?;
    (buffer.len() >= whole).then_some(whole)
}
