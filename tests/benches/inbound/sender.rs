//! The sender: a few connections, each with one signed webhook after the other.

use std::cell::Cell;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::hmac;
use futures_util::future::join_all;
use jackfield_tests::stripe::unix_now;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long each webhook took, sorted.
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The latency that so large a share of the webhooks did not exceed, in milliseconds.
    pub fn at(&self, share: f64) -> f64 {
        let index = (self.0.len() as f64 * share) as usize;
        let latency = self.0.get(index).copied().unwrap_or_default();
        (latency.as_secs_f64() * 1e6).round() / 1e3
    }
}

/// Sends to one hook.
pub struct Sender {
    address: String,
    path: String,
    key: hmac::Key,
    sent: Cell<u64>,
}

impl Sender {
    /// To a hook's URL, signed with its secret.
    pub fn new(url: &str, secret: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").context("a plain URL")?;
        let (address, path) = rest.split_once('/').context("a path")?;
        Ok(Self {
            address: address.to_owned(),
            path: path.to_owned(),
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
            sent: Cell::new(0),
        })
    }

    /// Sends on so many connections for so long.
    pub async fn load(&self, connections: usize, length: Duration) -> Result<Latencies> {
        let end = Instant::now() + length;
        let senders = (0..connections).map(|_| self.send_until(end));
        let mut all = Vec::new();
        for latencies in join_all(senders).await {
            all.extend(latencies?);
        }
        all.sort_unstable();
        Ok(Latencies(all))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the sender plays a provider outside, on loopback"
    )]
    async fn send_until(&self, end: Instant) -> Result<Vec<Duration>> {
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (mut request, mut answer) = (Vec::new(), Vec::with_capacity(4096));
        let mut latencies = Vec::new();
        while Instant::now() < end {
            self.write(&mut request)?;
            let started = Instant::now();
            stream.write_all(&request).await?;
            answer.clear();
            while !is_whole(&answer)? {
                let read = stream.read_buf(&mut answer).await?;
                ensure!(read > 0, "the server closed the connection");
            }
            latencies.push(started.elapsed());
        }
        Ok(latencies)
    }

    /// Another event, as small as Stripe's smallest, with the headers that Stripe sends.
    fn write(&self, request: &mut Vec<u8>) -> Result<()> {
        let number = self.sent.get();
        self.sent.set(number + 1);
        let (time, address, path) = (unix_now(), &self.address, &self.path);
        let body = format!(
            r#"{{"id":"evt_3P{number:022}","object":"event","api_version":"2026-10-28.endive","created":{time},"data":{{"object":{{"id":"pi_3P{number:022}","object":"payment_intent","amount":1999,"currency":"eur","customer":"cus_77","status":"succeeded","metadata":{{"order":"ord_{number}"}}}}}},"livemode":false,"pending_webhooks":1,"type":"payment_intent.succeeded"}}"#
        );
        let mut context = hmac::Context::with_key(&self.key);
        context.update(format!("{time}.").as_bytes());
        context.update(body.as_bytes());
        let signature = hex::encode(context.sign());
        request.clear();
        write!(
            request,
            "POST /{path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n\
             accept: */*; q=0.5, application/xml\r\ncontent-type: application/json; charset=utf-8\r\n\
             stripe-signature: t={time},v1={signature}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
        Ok(())
    }
}

/// Whether all of an answer is there, which must be 200.
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
