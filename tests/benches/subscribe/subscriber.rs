//! A subscriber of graphql-transport-ws that does as little as possible: what is measured is the server.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sent_at::sent_at;

/// What subscribers have seen together.
#[derive(Default)]
pub struct Seen {
    pub count: Cell<usize>,
    /// From publication to sight, in nanoseconds.
    pub latencies: RefCell<Vec<u64>>,
}

pub struct Subscriber {
    stream: TcpStream,
    buffer: Vec<u8>,
}

const TEXT: u8 = 1;
const PING: u8 = 9;
const PONG: u8 = 10;

impl Subscriber {
    /// Connects and subscribes.
    #[expect(
        clippy::disallowed_methods,
        reason = "the driver plays a client outside, on loopback"
    )]
    pub async fn connect(url: &str, key: &str) -> Result<Self> {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut subscriber = Self {
            stream,
            buffer: Vec::new(),
        };
        let request = format!(
            "GET /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        );
        subscriber.stream.write_all(request.as_bytes()).await?;
        let end = loop {
            let end = subscriber
                .buffer
                .windows(4)
                .position(|part| part == b"\r\n\r\n");
            match end {
                Some(end) => break end,
                None => subscriber.read().await?,
            }
        };
        ensure!(
            subscriber.buffer.starts_with(b"HTTP/1.1 101"),
            "{}",
            String::from_utf8_lossy(&subscriber.buffer)
        );
        subscriber.buffer.drain(..end + 4);
        subscriber
            .send(TEXT, br#"{"type":"connection_init"}"#)
            .await?;
        while subscriber.next().is_none() {
            subscriber.read().await?;
        }
        let subscribe = br#"{"id":"1","type":"subscribe","payload":{"query":"subscription { events { cursor event { id type data } } }"}}"#;
        subscriber.send(TEXT, subscribe).await?;
        Ok(subscriber)
    }

    /// Notes what it sees until the connection ends.
    pub async fn listen(mut self, seen: Rc<Seen>, start: Instant) {
        while self.read().await.is_ok() {
            while let Some((kind, length)) = self.next() {
                if kind == PING && self.send(PONG, b"").await.is_err() {
                    return;
                }
                let frame = self.buffer.drain(..length);
                if kind != TEXT {
                    continue;
                }
                let now = u64::try_from(start.elapsed().as_nanos()).unwrap_or_default();
                let sent = sent_at(frame.as_slice());
                seen.latencies.borrow_mut().push(now.saturating_sub(sent));
                seen.count.set(seen.count.get() + 1);
            }
            if self.buffer.is_empty() {
                self.buffer = Vec::new();
            }
        }
    }

    async fn read(&mut self) -> Result<()> {
        self.buffer.reserve(512);
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the server closed the connection");
        Ok(())
    }

    /// The kind of the first frame and its whole length, once it is there (RFC 6455 §5.2).
    fn next(&self) -> Option<(u8, usize)> {
        let [first, second, ..] = *self.buffer.as_slice() else {
            return None;
        };
        let length = match second & 127 {
            126 => 4 + usize::from(u16::from_be_bytes(self.buffer.get(2..4)?.try_into().ok()?)),
            short => 2 + usize::from(short),
        };
        (self.buffer.len() >= length).then_some((first & 15, length))
    }

    /// Sends a frame under the mask of nothing but zeros.
    async fn send(&mut self, kind: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![0x80 | kind];
        match u8::try_from(payload.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(payload.len())?.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).await?;
        Ok(())
    }
}
