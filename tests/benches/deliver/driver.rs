//! Publishes over connections that stay open, and waits for each answer.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use futures_util::future::try_join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

/// Where to publish, and since when times are counted.
#[derive(Clone)]
pub struct Driver {
    address: String,
    head: String,
    start: Instant,
    /// How many events are in one request.
    many: usize,
    /// What events are about: the first half of their type.
    subject: &'static str,
    /// How many types there are, `invoice.0` and so on; events are of one after the other.
    kinds: usize,
    published: Rc<Cell<usize>>,
}

impl Driver {
    /// Publishes to the server at `url`, one event in each request.
    pub fn new(url: &str, key: &str, start: Instant) -> Self {
        let address = url.trim_start_matches("http://").to_owned();
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
        );
        Self {
            address,
            head,
            start,
            many: 1,
            subject: "invoice",
            kinds: 1,
            published: Rc::default(),
        }
    }

    /// The same with events of so many types.
    pub fn kinds(self, kinds: usize) -> Self {
        Self { kinds, ..self }
    }

    /// The same with events about something else.
    pub fn about(self, subject: &'static str) -> Self {
        Self { subject, ..self }
    }

    /// How many events of the first type there were so far.
    pub fn of_first_kind(&self) -> usize {
        self.published.get().div_ceil(self.kinds)
    }

    /// The same with so many events in each request.
    pub fn many(self, many: usize) -> Self {
        Self { many, ..self }
    }

    /// Publishes as fast as it goes on so many connections. Returns how many events were accepted.
    pub async fn load(&self, connections: usize, length: Duration) -> Result<usize> {
        let end = Instant::now() + length;
        self.publish_while(connections, || Instant::now() < end)
            .await
    }

    /// Publishes so many events.
    pub async fn publish(&self, connections: usize, events: usize) -> Result<usize> {
        let left = Cell::new(events);
        self.publish_while(connections, || {
            let some = left.get() > 0;
            left.set(left.get().saturating_sub(self.many));
            some
        })
        .await
    }

    async fn publish_while(&self, connections: usize, more: impl Fn() -> bool) -> Result<usize> {
        let callers = (0..connections).map(|_| async {
            let mut connection = Connection::open(&self.address).await?;
            let mut accepted = 0;
            while more() {
                connection.post(self).await?;
                accepted += self.many;
            }
            Ok::<_, anyhow::Error>(accepted)
        });
        Ok(try_join_all(callers).await?.iter().sum())
    }

    /// Publishes so many events a second, evenly.
    pub async fn pace(&self, rate: u32, length: Duration) -> Result<usize> {
        let mut connection = Connection::open(&self.address).await?;
        let mut tick = interval(Duration::from_secs(1) / rate);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = Instant::now() + length;
        let mut accepted = 0;
        while Instant::now() < end {
            tick.tick().await;
            connection.post(self).await?;
            accepted += 1;
        }
        Ok(accepted)
    }
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
    body: Vec<u8>,
}

impl Connection {
    #[expect(
        clippy::disallowed_methods,
        reason = "the driver plays a sender outside, on loopback"
    )]
    async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request: Vec::new(),
            answer: Vec::with_capacity(4096),
            body: Vec::new(),
        })
    }

    /// Publishes and reads the whole answer, which must be 202. Each event says when it was sent.
    async fn post(&mut self, driver: &Driver) -> Result<()> {
        let at = driver.start.elapsed().as_nanos();
        self.body.clear();
        let number = driver.published.get();
        driver.published.set(number + driver.many);
        let kind = number / driver.many % driver.kinds;
        let subject = driver.subject;
        let event = format!(
            r#"{{"type":"{subject}.{kind}","data":{{"at":{at},"id":"inv_1042","cents":129900,"currency":"eur","customer":"cus_77","lines":[{{"sku":"a-1","quantity":3}}]}}}}"#
        );
        if driver.many == 1 {
            self.body.extend_from_slice(event.as_bytes());
        } else {
            let events = vec![event; driver.many].join(",");
            write!(self.body, "[{events}]")?;
        }
        self.request.clear();
        let length = self.body.len();
        write!(
            self.request,
            "{}content-length: {length}\r\n\r\n",
            driver.head
        )?;
        self.request.extend_from_slice(&self.body);
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the server closed the connection");
            if is_whole(&self.answer)? {
                return Ok(());
            }
        }
    }
}

fn is_whole(answer: &[u8]) -> Result<bool> {
    let Some(head) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(false);
    };
    let text = std::str::from_utf8(&answer[..head])?;
    if !text.starts_with("HTTP/1.1 202") {
        bail!("instead of 202: {}", String::from_utf8_lossy(answer));
    }
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.trim().parse::<usize>().ok());
    Ok(answer.len() >= head + 4 + length.unwrap_or_default())
}
