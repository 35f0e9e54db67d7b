//! Egress against a real NATS server.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

use std::time::Duration;

use anyhow::Result;
use async_nats::ConnectOptions;
use bytes::Bytes;
use futures_util::future::join_all;
use http::HeaderMap;
use jackfield_egress::nats::{Credentials, Message, Reply, Server};
use jackfield_egress::{Egress, EgressConfig, EgressError};
use jackfield_tests::nats::{Nats, with_nats};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(10);

fn egress() -> Egress {
    let config = EgressConfig {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..EgressConfig::default()
    };
    Egress::new(config).unwrap()
}

fn server(nats: &Nats) -> Server {
    Server::parse(&nats.url("")).unwrap()
}

fn message(id: &str, body: Vec<u8>) -> Message {
    Message {
        subject: "orders".to_owned(),
        id: id.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::from(body),
    }
}

fn code(result: Result<Reply, EgressError>) -> String {
    match result {
        Ok(Reply::Answer(_)) => "answered".to_owned(),
        Ok(Reply::Nobody) => "nobody".to_owned(),
        Err(error) => error.code().to_string(),
    }
}

#[test]
fn credentials_open_a_connection_of_their_own() -> Result<()> {
    with_nats(|_| async {
        let token = Nats::start_with("authorization { token: \"hush-1\" }").await?;
        let user = "authorization { user: \"ada\", password: \"hush-2\" }";
        let user = Nats::start_with(user).await?;
        let egress = egress();
        let ada = |password: &str| Credentials::User {
            name: "ada".to_owned(),
            password: password.to_owned(),
        };
        let mut codes = Vec::new();
        for (nats, credentials) in [
            (&token, Credentials::None),
            (&token, Credentials::Token("hush-2".to_owned())),
            (&token, Credentials::Token("hush-1".to_owned())),
            (&token, Credentials::None),
            (&user, ada("hush-1")),
            (&user, ada("hush-2")),
        ] {
            let place = server(nats);
            let sent = egress.nats(&place, &credentials, message("1", vec![]), PATIENCE);
            codes.push(code(sent.await));
        }
        // Nobody listens there, which only those are told who were let in.
        let (no, yes) = ("UNAUTHORIZED", "nobody");
        assert_eq!(codes, [no, no, yes, no, no, yes]);
        Ok(())
    })
}

#[test]
fn all_share_a_connection_until_it_breaks() -> Result<()> {
    with_nats(|_| async {
        let mut nats = Nats::start().await?;
        nats.create_stream("ORDERS", "orders").await?;
        let before = nats.connections()?;
        let (egress, place) = (egress(), server(&nats));
        let ids: Vec<String> = (0..500).map(|number| number.to_string()).collect();
        let sent = ids
            .iter()
            .map(|id| egress.nats(&place, &Credentials::None, message(id, vec![]), PATIENCE));
        let codes: Vec<String> = join_all(sent).await.into_iter().map(code).collect();
        assert!(codes.iter().all(|code| code == "answered"), "{codes:?}");
        assert_eq!(nats.connections()? - before, 1);

        let large = message("large", vec![b'x'; 2 << 20]);
        let sent = egress.nats(&place, &Credentials::None, large, PATIENCE);
        assert_eq!(code(sent.await), "TOO_LARGE");

        // Somebody listens there, and does not answer.
        let silent = nats.client(ConnectOptions::new()).await?;
        let _subscriber = silent.subscribe("silence").await?;
        silent.flush().await?;
        let unanswered = Message {
            subject: "silence".to_owned(),
            ..message("a", vec![])
        };
        let waiting = egress.nats(&place, &Credentials::None, unanswered, PATIENCE);
        let (broken, stopped) = tokio::join!(waiting, nats.stop());
        stopped?;
        assert_eq!(code(broken), "PROTOCOL", "well before its patience is over");
        let sent = egress.nats(&place, &Credentials::None, message("a", vec![]), PATIENCE);
        assert_eq!(code(sent.await), "CONNECT");
        nats.go_on().await?;
        let sent = egress.nats(&place, &Credentials::None, message("a", vec![]), PATIENCE);
        assert_eq!(code(sent.await), "answered");
        Ok(())
    })
}

#[tokio::test]
async fn a_server_that_sends_without_end_is_cut_off() {
    let config = EgressConfig {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        connect_timeout: Duration::from_secs(1),
        ..EgressConfig::default()
    };
    let egress = Egress::new(config).unwrap();
    for (greeting, expected) in [
        ("", "CONNECT"),
        ("INFO {\"max_payload\":1048576}\r\nPONG\r\n", "PROTOCOL"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = format!("nats://{}", listener.local_addr().unwrap());
        let endless = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
            let mut sent = 0;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {
                sent += 4096;
            }
            sent
        });
        let place = Server::parse(&place).unwrap();
        let sent = egress.nats(&place, &Credentials::None, message("1", vec![]), PATIENCE);
        assert_eq!(code(sent.await), expected);
        let taken = endless.await.unwrap();
        assert!(taken < 256 << 20, "{expected} after {taken} bytes");
    }
}
