//! Posts to a hook over connections that stay open, and waits for each answer.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

/// How long each request took.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes one more.
    pub fn push(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Takes those of another turn.
    pub fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The latency that so large a share of the requests did not exceed, in milliseconds.
    pub fn at(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let index = (self.0.len() as f64 * share) as usize;
        let latency = self.0.get(index).copied().unwrap_or_default();
        (latency.as_secs_f64() * 1e6).round() / 1e3
    }
}

/// Where to post.
#[derive(Clone)]
pub struct Target {
    address: String,
    request: Vec<u8>,
}

impl Target {
    /// A hook's URL, and the body of each request.
    pub fn new(url: &str, body: &str) -> Result<Self> {
        Self::with(url, "", body)
    }

    /// The same with lines of the head besides.
    pub fn with(url: &str, head: &str, body: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").context("a plain URL")?;
        let (address, path) = rest.split_once('/').context("a path")?;
        let request = format!(
            "POST /{path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n{head}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        Ok(Self {
            address: address.to_owned(),
            request: request.into_bytes(),
        })
    }

    /// Posts one request after the other on so many connections.
    pub async fn load(&self, connections: usize, length: Duration) -> Result<Latencies> {
        let end = Instant::now() + length;
        self.load_while(connections, || Instant::now() < end).await
    }

    /// Posts so many requests on so many connections.
    pub async fn post(&self, connections: usize, requests: usize) -> Result<Latencies> {
        let left = std::cell::Cell::new(requests);
        self.load_while(connections, || {
            let some = left.get() > 0;
            left.set(left.get().saturating_sub(1));
            some
        })
        .await
    }

    async fn load_while(&self, connections: usize, more: impl Fn() -> bool) -> Result<Latencies> {
        let callers = (0..connections).map(|_| async {
            let mut connection = Connection::open(self).await?;
            let mut latencies = Vec::new();
            while more() {
                latencies.push(connection.post(&self.request).await?);
            }
            Ok::<_, anyhow::Error>(latencies)
        });
        let mut all = Latencies::default();
        for latencies in join_all(callers).await {
            all.0.extend(latencies?);
        }
        Ok(all)
    }

    /// Posts so many requests a second, evenly.
    pub async fn pace(&self, rate: u32, length: Duration) -> Result<Latencies> {
        let mut connection = Connection::open(self).await?;
        let mut tick = interval(Duration::from_secs(1) / rate);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = Instant::now() + length;
        let mut all = Latencies::default();
        while Instant::now() < end {
            tick.tick().await;
            all.0.push(connection.post(&self.request).await?);
        }
        Ok(all)
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    #[expect(
        clippy::disallowed_methods,
        reason = "the driver plays a sender outside, on loopback"
    )]
    async fn open(target: &Target) -> Result<Self> {
        let stream = TcpStream::connect(&target.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4096),
        })
    }

    /// Posts and reads the whole answer, which must be 200.
    async fn post(&mut self, request: &[u8]) -> Result<Duration> {
        let started = Instant::now();
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            if is_whole(&self.buffer)? {
                return Ok(started.elapsed());
            }
        }
    }
}

fn is_whole(answer: &[u8]) -> Result<bool> {
    let Some(head) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(false);
    };
    let text = std::str::from_utf8(&answer[..head])?;
    if !text.starts_with("HTTP/1.1 200") {
        bail!("instead of 200: {}", String::from_utf8_lossy(answer));
    }
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .context("an answer has a length")?;
    Ok(answer.len() >= head + 4 + length.trim().parse::<usize>()?)
}
