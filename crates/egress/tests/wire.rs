//! Egress against a real server on loopback.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderName, LOCATION};
use http::{Method, StatusCode};
use jackfield_egress::{
    Egress, EgressConfig, EgressError, Gate, Lookup, Outgoing, Request, Resolving,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A server that shows what it was sent and answers what a function of the request's head says.
struct Server {
    port: u16,
    seen: mpsc::UnboundedReceiver<String>,
}

impl Server {
    async fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, seen) = mpsc::unbounded_channel();
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sender.clone(), answer.clone()));
            }
        });
        Self { port, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The first line of each request so far.
    fn lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Ok(request) = self.seen.try_recv() {
            lines.push(request.lines().next().unwrap().to_owned());
        }
        lines
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: mpsc::UnboundedSender<String>,
    answer: Arc<impl Fn(&str) -> Vec<u8> + Send + Sync + 'static>,
) {
    let mut buffer = Vec::new();
    loop {
        while !buffer.windows(4).any(|four| four == b"\r\n\r\n") {
            if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let request = String::from_utf8(std::mem::take(&mut buffer)).unwrap();
        let bytes = answer(&request);
        seen.send(request).ok();
        if bytes.is_empty() {
            std::future::pending::<()>().await;
        }
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

fn ok(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

fn redirect(status: u16, location: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
        .into_bytes()
}

fn loopback() -> EgressConfig {
    EgressConfig {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..EgressConfig::default()
    }
}

fn get(url: &str) -> Request {
    Request::new(Method::GET, url.parse().unwrap())
}

fn code<T>(result: Result<T, EgressError>) -> String {
    match result {
        Ok(_) => "OK".into(),
        Err(error) => error.code().to_string(),
    }
}

#[tokio::test]
async fn loopback_is_refused_unless_it_is_allowed() {
    let server = Server::start(|_| ok("hello")).await;
    let closed = Egress::new(EgressConfig::default()).unwrap();
    assert_eq!(
        code(closed.send(get(&server.url("/"))).await),
        "FORBIDDEN_ADDRESS"
    );
    let open = Egress::new(loopback()).unwrap();
    let response = open.send(get(&server.url("/"))).await.unwrap();
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(&response.body[..], b"hello");
}

struct Names(Vec<(&'static str, Vec<&'static str>)>);

impl Lookup for Names {
    fn lookup<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let found = self.0.iter().find(|(name, _)| *name == host);
            let (_, addresses) =
                found.ok_or_else(|| std::io::Error::other("no such host is known"))?;
            Ok(addresses
                .iter()
                .map(|ip| ip.parse::<IpAddr>().unwrap())
                .collect())
        })
    }
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_resolves_to() {
    let server = Server::start(|_| ok("reached")).await;
    let names = Names(vec![
        ("metadata.example", vec!["169.254.169.254"]),
        ("rebound.example", vec!["10.0.0.1", "127.0.0.1"]),
        ("mapped.example", vec!["::ffff:169.254.169.254"]),
        ("empty.example", vec![]),
    ]);
    let egress = Egress::new(EgressConfig {
        lookup: Arc::new(names),
        ..loopback()
    })
    .unwrap();
    let refused = egress.send(get("http://metadata.example/latest?token=hush"));
    insta::assert_snapshot!(refused.await.unwrap_err(), @"metadata.example is not a public address (link-local); an operator can allow its range with JACKFIELD_EGRESS_ALLOW");
    assert_eq!(
        code(egress.send(get("http://mapped.example/")).await),
        "FORBIDDEN_ADDRESS"
    );
    let unknown = egress.send(get("https://unknown.example/?token=hush"));
    insta::assert_snapshot!(unknown.await.unwrap_err(), @"the name unknown.example does not resolve: no such host is known");
    assert_eq!(code(egress.send(get("http://empty.example/")).await), "DNS");

    let both = egress.send(get(&format!("http://rebound.example:{}/", server.port)));
    assert_eq!(
        &both.await.unwrap().body[..],
        b"reached",
        "only the allowed address is dialled"
    );
}

#[tokio::test]
async fn a_redirect_to_a_forbidden_place_is_not_followed() {
    let mut server = Server::start(|request| {
        let location = request.split(['?', ' ']).nth(2).unwrap();
        redirect(302, location)
    })
    .await;
    let egress = Egress::new(loopback()).unwrap();
    for location in [
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://10.1/",
        "//0xA000001/",
    ] {
        let sent = egress.send(get(&server.url(&format!("/?{location}"))));
        assert_eq!(code(sent.await), "FORBIDDEN_ADDRESS", "{location}");
    }
    assert_eq!(server.lines().len(), 4);
}

#[tokio::test]
async fn redirects_are_followed_and_counted() {
    let mut server = Server::start(|request| match request.split(' ').nth(1) {
        Some("/loop") => redirect(307, "/loop"),
        Some("/start") => redirect(303, "/end"),
        _ => ok("end"),
    })
    .await;
    let egress = Egress::new(loopback()).unwrap();
    let post = Request {
        body: "{}".into(),
        method: Method::POST,
        ..get(&server.url("/start"))
    };
    let response = egress.send(post.clone()).await.unwrap();
    assert_eq!(response.url.path(), "/end");
    assert_eq!(
        server.lines(),
        ["POST /start HTTP/1.1", "GET /end HTTP/1.1"]
    );

    let stay = Request {
        follow_redirects: false,
        ..post
    };
    let response = egress.send(stay).await.unwrap();
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    assert_eq!(response.headers[LOCATION], "/end");

    server.lines();
    let endless = egress.send(get(&server.url("/loop"))).await;
    assert_eq!(code(endless), "TOO_MANY_REDIRECTS");
    assert_eq!(server.lines().len(), 6);
}

/// Gives a credential to one port only, and asks for one repetition after a 401.
struct Credential {
    port: u16,
    hops: Vec<String>,
}

impl Gate for Credential {
    async fn pass(&mut self, redirects: usize, hop: &mut Outgoing) -> Result<(), EgressError> {
        self.hops.push(format!("{redirects} {}", hop.url.path()));
        if hop.url.path() == "/refused" {
            return Err(EgressError::refused("not there"));
        }
        if hop.url.port() == Some(self.port) {
            let value = format!("token-{}", self.hops.len());
            hop.headers.insert("authorization", value.parse().unwrap());
        }
        Ok(())
    }

    async fn again(&mut self, status: StatusCode) -> bool {
        status == StatusCode::UNAUTHORIZED
    }
}

#[tokio::test]
async fn a_gate_sees_every_hop_and_its_credential_stays_at_its_host() {
    let mut other = Server::start(|_| ok("other")).await;
    let port = other.port;
    let mut first = Server::start(move |request| {
        if request.contains("token-1\r\n") {
            return b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_vec();
        }
        redirect(307, &format!("http://127.0.0.1:{port}/other"))
    })
    .await;
    let egress = Egress::new(loopback()).unwrap();
    let mut request = get(&first.url("/first"));
    for (name, value) in [("x-api-key", "mine"), ("accept", "text/plain")] {
        request
            .headers
            .insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    let mut gate = Credential {
        port: first.port,
        hops: vec![],
    };
    let response = egress.send_through(request, &mut gate).await.unwrap();
    assert_eq!(&response.body[..], b"other");
    assert_eq!(gate.hops, ["0 /first", "0 /first", "1 /other"]);
    let sent = first.seen.try_recv().unwrap();
    assert!(sent.contains("token-1") && sent.contains("x-api-key: mine"));
    assert!(first.seen.try_recv().unwrap().contains("token-2"));
    let crossed = other.seen.try_recv().unwrap();
    assert!(!crossed.contains("token") && !crossed.contains("mine"));
    assert!(crossed.contains("accept: text/plain"));

    let refused = egress.send_through(get(&first.url("/refused")), &mut gate);
    assert_eq!(code(refused.await), "REFUSED");
    assert!(first.lines().is_empty());
}

#[tokio::test]
async fn answers_that_are_too_large_are_cut_off() {
    let server = Server::start(|request| match request.split(' ').nth(1) {
        Some("/announced") => ok(&"x".repeat(2000)),
        Some("/head") => b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n".to_vec(),
        _ => {
            let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
            format!(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}",
                chunk.repeat(50)
            )
            .into_bytes()
        }
    })
    .await;
    let egress = Egress::new(EgressConfig {
        max_bytes: 1500,
        ..loopback()
    })
    .unwrap();
    for path in ["/announced", "/endless"] {
        let sent = egress.send(get(&server.url(path)));
        assert_eq!(code(sent.await), "TOO_LARGE", "{path}");
    }
    for path in ["/announced", "/endless"] {
        let cut = Request {
            truncate: true,
            ..get(&server.url(path))
        };
        let response = egress.send(cut).await.unwrap();
        assert!(response.truncated && response.body.len() == 1500, "{path}");
    }
    let head = Request {
        method: Method::HEAD,
        ..get(&server.url("/head"))
    };
    assert_eq!(code(egress.send(head).await), "OK");
}

#[tokio::test]
async fn gzip_is_handed_on_as_it_came() {
    let server = Server::start(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08"
            .to_vec()
    })
    .await;
    let egress = Egress::new(loopback()).unwrap();
    let response = egress.send(get(&server.url("/"))).await.unwrap();
    assert_eq!(&response.body[..], b"\x1f\x8b\x08");
}

#[tokio::test]
async fn silence_ends_in_a_timeout_without_the_query() {
    let server = Server::start(|_| Vec::new()).await;
    let egress = Egress::new(loopback()).unwrap();
    let request = Request {
        timeout: Some(Duration::from_millis(50)),
        ..get(&server.url("/?token=hush"))
    };
    let error = egress.send(request).await.unwrap_err();
    let message = error.to_string().replace(&server.port.to_string(), "PORT");
    insta::assert_snapshot!(message, @"http://127.0.0.1:PORT did not answer within 50 ms");
    assert!(error.code().retryable() && error.code().may_have_arrived());
}

#[tokio::test]
async fn broken_connections_have_their_own_codes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let egress = Egress::new(loopback()).unwrap();
    let closed = egress.send(get(&format!("http://127.0.0.1:{port}/?token=hush")));
    let message = closed.await.unwrap_err().to_string();
    let message = message.replace(&port.to_string(), "PORT");
    insta::assert_snapshot!(message, @"no connection to http://127.0.0.1:PORT: Connection refused (os error 111)");

    let server = Server::start(|_| b"this is no HTTP\r\n\r\n".to_vec()).await;
    assert_eq!(code(egress.send(get(&server.url("/"))).await), "PROTOCOL");

    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(b"220 this is no TLS\r\n").await.unwrap();
    });
    let error = egress.send(get(&format!("https://127.0.0.1:{port}/")));
    let error = error.await.unwrap_err();
    assert_eq!(error.code().as_str(), "TLS", "{error}");
}

#[tokio::test]
async fn requests_to_one_host_wait_for_their_turn() {
    let mut server = Server::start(|_| Vec::new()).await;
    let egress = Egress::new(EgressConfig {
        per_host: 1,
        ..loopback()
    })
    .unwrap();
    let first = tokio::spawn({
        let (egress, request) = (egress.clone(), get(&server.url("/first")));
        async move { egress.send(request).await }
    });
    assert!(server.seen.recv().await.unwrap().starts_with("GET /first"));
    let second = Request {
        timeout: Some(Duration::from_millis(50)),
        ..get(&server.url("/second"))
    };
    assert_eq!(code(egress.send(second).await), "TIMEOUT");
    assert!(server.lines().is_empty(), "the second was never sent");
    first.abort();
}
