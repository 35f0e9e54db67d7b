use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{BOTH, Plugins, World, call, shown};

/// A server that answers by path and remembers what it was sent.
pub struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn({
            let seen = seen.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, port, seen.clone()));
                }
            }
        });
        Self { port, seen }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

async fn serve(mut stream: TcpStream, port: u16, seen: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    loop {
        while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let request = String::from_utf8_lossy(&std::mem::take(&mut bytes)).into_owned();
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let answer = match path.as_str() {
            "/png" => {
                "200 OK\r\ncontent-type: image/png\r\ncontent-length: 4\r\n\r\n\x01PNG".into()
            }
            "/away" => format!(
                "307 Away\r\nlocation: http://localhost:{port}/there\r\ncontent-length: 0\r\n\r\n"
            ),
            "/elsewhere" => {
                "307 Away\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n"
                    .into()
            }
            "/token" if !request.contains("fresh") => "401 No\r\ncontent-length: 0\r\n\r\n".into(),
            _ => "200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nworld".into(),
        };
        seen.lock().push(request);
        stream
            .write_all(format!("HTTP/1.1 {answer}").as_bytes())
            .await
            .unwrap();
    }
}

async fn request(host: &jackfield_plugin_host::Host, world: &World, request: Value) -> String {
    let asked = json!({"mode": "ask", "effects": [{"id": 1, "http.request": request}]});
    let done = shown(call(host, world, "puppet", asked).await);
    match done.find("\"durationMs\":") {
        Some(at) => {
            let end = at + done[at..].find('}').unwrap();
            format!("{}\"durationMs\":0{}", &done[..at], &done[end..])
        }
        None => done,
    }
}

#[tokio::test]
async fn a_request_goes_out_and_its_answer_comes_back() {
    let plugins = Plugins::new().puppet(None);
    let server = Server::start().await;
    let port = server.port.to_string();
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let world = World::default();
        let done = request(
            &host,
            &world,
            json!({"method": "POST", "url": server.url("/hello?a=1"), "query": [["b", "2 3"]],
            "headers": [["x-one", "1"]], "body": {"$bin": [0, 5]}, "idempotencyKey": "k1"}),
        );
        let done = done.await.replace(&port, "PORT");
        let sent = server.seen.lock().pop().unwrap().replace(&port, "PORT");
        insta::allow_duplicates! {
            insta::assert_snapshot!(done, @r#"{"turns":[{"events":[{"id":1,"ok":{"status":200,"headers":[["content-type","text/plain"],["content-length","5"]],"body":{"$bin":[0,5]},"url":"http://127.0.0.1:PORT/hello?a=1&b=2+3","durationMs":0}}]}],"bytes":5}"#);
            insta::assert_snapshot!(sent, @"
            POST /hello?a=1&b=2+3 HTTP/1.1
            x-one: 1
            idempotency-key: k1
            accept: */*
            user-agent: jackfield/0.1.0
            host: 127.0.0.1:PORT
            content-length: 5

            hello
            ");
        }
        let png = request(
            &host,
            &world,
            json!({"method": "GET", "url": server.url("/png"), "responseBody": "auto"}),
        );
        let png = png.await.replace(&port, "PORT");
        insta::allow_duplicates! {
            insta::assert_snapshot!(png, @r#"{"turns":[{"events":[{"id":1,"ok":{"status":200,"headers":[["content-type","image/png"],["content-length","4"]],"blob":{"id":"blob_1","size":4,"contentType":"image/png","sha256":""},"url":"http://127.0.0.1:PORT/png","durationMs":0}}]}],"bytes":0}"#);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_answered_with_an_error() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(BOTH[0]).await;
    let world = World::default();
    let mut all = String::new();
    for asked in [
        json!({"method": "GET", "url": "nowhere"}),
        json!({"method": "G T", "url": "http://127.0.0.1/"}),
        json!({"method": "GET", "url": "http://127.0.0.1/", "headers": [["a b", "c"]]}),
        json!({"method": "POST", "url": "http://127.0.0.1/", "body": {"$bin": [4, 9]}}),
        json!({"method": "GET", "url": "http://10.0.0.1/?key=hush"}),
        json!({"method": "GET", "url": "http://127.0.0.1:1/", "credential": "other"}),
        json!({"method": "GET", "url": "http://127.0.0.1:1/?key=hush", "credential": "default"}),
        json!({"method": "GET", "url": "https://api.acme.example.evil.example/", "credential": "default"}),
    ] {
        all += &request(&host, &world, asked).await;
        all += "\n";
    }
    insta::assert_snapshot!(all, @r#"
    {"turns":[{"events":[{"id":1,"err":{"code":"INVALID_REQUEST","message":"the URL of the request is not valid: relative URL without a base","retryable":false}}]}],"bytes":0}
    {"turns":[{"events":[{"id":1,"err":{"code":"INVALID_REQUEST","message":"\"G T\" is no HTTP method","retryable":false}}]}],"bytes":0}
    {"turns":[{"events":[{"id":1,"err":{"code":"INVALID_REQUEST","message":"\"a b\" is no name of a header","retryable":false}}]}],"bytes":0}
    {"turns":[{"events":[{"id":1,"err":{"code":"INVALID_REQUEST","message":"an attachment points to bytes 4..4+9, the frame has 5","retryable":false}}]}],"bytes":0}
    {"turns":[{"events":[{"id":1,"err":{"code":"FORBIDDEN_ADDRESS","message":"10.0.0.1 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW","retryable":false}}]}],"bytes":0}
    {"turns":[{"events":[{"id":1,"err":{"code":"NO_CREDENTIAL","message":"the call has no credential \"other\"; select a connected app for the node","retryable":false}}]}],"bytes":0}
    {"turns":[{"events":[{"id":1,"err":{"code":"CREDENTIAL","message":"the credential of acme may not be sent to http://127.0.0.1; its manifest or the connected app does not list that host","retryable":false}}]}],"bytes":0}
    {"turns":[{"events":[{"id":1,"err":{"code":"CREDENTIAL","message":"the credential of acme may not be sent to https://api.acme.example.evil.example; its manifest or the connected app does not list that host","retryable":false}}]}],"bytes":0}
    "#);
}

#[tokio::test]
async fn a_credential_stays_with_the_hosts_of_its_provider() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(BOTH[0]).await;
    let server = Server::start().await;
    // The provider's own host, which this connected app has pointed at the server here.
    let world = World {
        reroute: Some(("https://api.acme.example".into(), server.url("/"))),
        ..World::default()
    };
    let url = "https://api.acme.example/away";
    request(
        &host,
        &world,
        json!({"method": "GET", "url": url, "credential": "default"}),
    )
    .await;
    let seen = std::mem::take(&mut *server.seen.lock());
    assert!(
        seen[0].contains("authorization: Bearer secret-of-default\r\n"),
        "{seen:?}"
    );
    // From https to http: not followed at all.
    assert_eq!(seen.len(), 1);

    // One that may go anywhere stays where the plugin sent it: a redirect is the other side's choice.
    let away = server.url("/away");
    request(
        &host,
        &world,
        json!({"method": "GET", "url": away, "credential": "any"}),
    )
    .await;
    let seen = std::mem::take(&mut *server.seen.lock());
    assert!(seen[0].contains("secret-of-any"), "{seen:?}");
    assert!(seen[1].starts_with("GET /there "), "{seen:?}");
    assert!(!seen[1].contains("secret"), "{seen:?}");
}

#[tokio::test]
async fn a_stale_token_is_renewed_once() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(BOTH[0]).await;
    let server = Server::start().await;
    let world = World::default();
    let asked = json!({"method": "GET", "url": server.url("/token"), "credential": "any"});
    let done = request(&host, &world, asked).await;
    assert!(done.contains("\"status\":200"), "{done}");
    assert_eq!(server.seen.lock().len(), 2);
}
