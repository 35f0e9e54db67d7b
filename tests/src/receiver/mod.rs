//! The outside world: an HTTP service on loopback that records what reaches it and answers as scripted.

mod exchange;
mod reply;
mod request;
mod resetter;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::listen::listen;
use exchange::{Exchange, Exchanges};
pub use reply::Reply;
pub use request::Request;
pub use resetter::Resetter;

/// An HTTP service on a free port of loopback. It answers `200 {"ok":true}` where nothing else is scripted.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    script: Mutex<HashMap<String, VecDeque<Reply>>>,
    requests: watch::Sender<Vec<Request>>,
    exchanges: Arc<Exchanges>,
}

impl Receiver {
    /// Starts listening.
    pub async fn start() -> Result<Self> {
        let shared = Arc::new(Shared {
            script: Mutex::default(),
            requests: watch::Sender::default(),
            exchanges: Arc::default(),
        });
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&shared));
        let (address, server) = listen(router).await?;
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// The absolute URL of a path that begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Scripts the answers at a path: each is given once, in order, and the last one from then on.
    pub fn answer(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.shared
            .script()
            .insert(path.to_owned(), replies.into_iter().collect());
    }

    /// All requests so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.borrow().clone()
    }

    /// The requests to one path so far, in order of arrival.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<Request> {
        self.requests()
            .into_iter()
            .filter(|request| request.path == path)
            .collect()
    }

    /// Forgets the requests so far, such as those that connected an app.
    pub fn forget(&self) {
        self.shared.requests.send_modify(Vec::clear);
    }

    /// Waits until `count` requests have arrived, for at most 20 seconds.
    pub async fn wait_for(&self, count: usize) -> Result<Vec<Request>> {
        let mut requests = self.shared.requests.subscribe();
        let arrived = timeout(
            Duration::from_secs(20),
            requests.wait_for(|all| all.len() >= count),
        )
        .await;
        let all = arrived.with_context(|| {
            format!("waited for {count} requests, saw {:#?}", self.requests())
        })??;
        Ok(all.clone())
    }

    /// Waits until `count` requests to this path have arrived, for at most 20 seconds.
    pub async fn wait_for_to(&self, path: &str, count: usize) -> Result<()> {
        let mut requests = self.shared.requests.subscribe();
        let there = |all: &Vec<Request>| {
            let those = all.iter().filter(|request| request.path == path);
            those.count() >= count
        };
        let arrived = timeout(Duration::from_secs(20), requests.wait_for(there)).await;
        arrived.with_context(|| {
            format!(
                "waited for {count} requests to {path}, saw {:#?}",
                self.requests()
            )
        })??;
        Ok(())
    }

    /// How many requests were under way at the same time at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.shared.exchanges.most()
    }

    /// Waits until `count` clients have gone without waiting for their answers, for at most 20 seconds.
    pub async fn wait_for_abandoned(&self, count: usize) -> Result<()> {
        self.shared.exchanges.wait_for_abandoned(count).await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Reply>>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_reply(&self, path: &str) -> Reply {
        let mut script = self.script();
        let Some(replies) = script.get_mut(path) else {
            return Reply::default();
        };
        if replies.len() > 1 {
            replies.pop_front()
        } else {
            replies.front().cloned()
        }
        .unwrap_or_default()
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response {
    let request = Request::read(request).await;
    let reply = shared.next_reply(&request.path);
    let exchange = Exchange::begin(&shared.exchanges);
    shared.requests.send_modify(|all| all.push(request));
    let response = reply.give().await;
    exchange.answered();
    response
}
