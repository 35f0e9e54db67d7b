use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A shop with five items, two a page, and three orders.
pub struct Server {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The heads of what was asked for.
    heads: Mutex<Vec<String>>,
    refuses: AtomicBool,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { port, state }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on the account is nobody's.
    pub fn refuse(&self) {
        self.state.refuses.store(true, Ordering::SeqCst);
    }

    pub fn heads(&self) -> String {
        self.state.heads.lock().join("\n")
    }

    /// Methods and paths, in order.
    pub fn seen(&self) -> Vec<String> {
        let heads = self.state.heads.lock();
        let first = |head: &String| head.split(" HTTP/").next().unwrap().to_owned();
        heads.iter().map(first).collect()
    }

    pub fn last(&self) -> String {
        self.seen().pop().unwrap()
    }
}

/// One request a connection; none of them has a body.
async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let target = head.split(' ').nth(1).unwrap();
    let url = Url::parse(&format!("http://shop{target}")).unwrap();
    let (status, link, body) = answer(&url, state.refuses.load(Ordering::SeqCst));
    state.heads.lock().push(head);
    let (body, link) = (body.to_string(), link.unwrap_or_default());
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Said\r\nconnection: close\r\n{link}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

fn answer(url: &Url, refuses: bool) -> (u16, Option<String>, Value) {
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let number = |name: &str| {
        query
            .get(name)
            .and_then(|value| value.parse::<usize>().ok())
    };
    let items =
        |from: usize| -> Vec<Value> { (from..5).take(2).map(|at| json!({"id": at + 1})).collect() };
    let body = match url.path() {
        "/account" if refuses => return (401, None, json!({"message": "Who are you?"})),
        "/account" => json!({"name": "Ada's shop"}),
        "/senders" => json!(["a@shop.example", "b@shop.example"]),
        "/shelves" => json!(["books", "boots", "hats"]),
        "/orders" => {
            let after = number("after").unwrap_or(0);
            let orders = (after + 1..4).map(|id| json!({"id": id, "value": id * 10}));
            orders.collect()
        }
        "/refunds" => json!({"refunded": query.get("order")}),
        "/by-cursor" => {
            let from = number("after").unwrap_or(0);
            json!({"items": items(from), "next": (from < 4).then(|| (from + 2).to_string())})
        }
        "/by-last-id" => {
            let from = number("after").unwrap_or(0);
            json!({"items": items(from), "more": from < 4})
        }
        "/by-link" => {
            let from = number("from").unwrap_or(0);
            let next = format!(
                "link: <https://api.shop.example/by-link?from={}>; rel=\"next\"\r\n",
                from + 2
            );
            return (200, (from < 4).then_some(next), json!(items(from)));
        }
        "/by-number" => json!({"items": items((number("page").unwrap_or(1) - 1) * 2)}),
        "/by-offset" => json!({"items": items(number("skip").unwrap_or(0))}),
        _ => return (404, None, json!({"message": "There is no such page."})),
    };
    (200, None, body)
}
