//! A call whose process dies goes on where it was.

use std::sync::Arc;

use jackfield_plugin_host::Isolation;
use parking_lot::Mutex;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

use crate::world::{BOTH, Notes, Plugins, World, call, shown};

type Seen = Arc<Mutex<Vec<String>>>;

/// Answers every request but the first to `/3`, and remembers paths and idempotency keys.
async fn outside() -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let told = seen.clone();
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap().to_owned();
            let key = head
                .lines()
                .find_map(|line| line.strip_prefix("idempotency-key: "));
            let line = format!("{path} {}", key.unwrap_or("-"));
            let first = !told.lock().contains(&line);
            told.lock().push(line);
            if path == "/3" && first {
                open.push(stream);
                continue;
            }
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, seen)
}

#[tokio::test]
async fn a_node_with_three_requests_resumes_at_the_third() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let (url, seen) = outside().await;
        let world = Arc::new(World {
            notes: Some(Arc::new(Notes::default())),
            ..World::default()
        });
        let chain = json!({"mode": "chain", "url": url});
        let dying = tokio::spawn({
            let (host, world, chain) = (host.clone(), world.clone(), chain.clone());
            async move { call(&host, &world, "puppet", chain).await }
        });
        while seen.lock().len() < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        dying.abort();
        let notes = world.notes.as_ref().unwrap();
        assert_eq!((notes.turns.lock().len(), *notes.writes.lock()), (2, 2));

        let done = call(&host, &world, "puppet", chain).await;
        assert_eq!(shown(done), "\"done\"");
        assert_eq!(
            *seen.lock(),
            ["/1 step-1", "/2 step-1.2", "/3 step-1.3", "/3 step-1.3"]
        );
    }
}

#[tokio::test]
async fn a_call_gets_ready_while_it_is_written_that_it_begins() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let (url, seen) = outside().await;
        let word = Arc::new(Barrier::new(2));
        let notes = Notes {
            word: Some(word.clone()),
            ..Notes::default()
        };
        let world = Arc::new(World {
            notes: Some(Arc::new(notes)),
            ..World::default()
        });
        let effects = json!([
            {"log": {"level": "info", "message": "ready"}},
            {"id": 1, "http.request": {"method": "POST", "url": format!("{url}/1")}},
        ]);
        let asking = tokio::spawn({
            let world = world.clone();
            let config = json!({"mode": "ask", "effects": effects});
            async move { call(&host, &world, "puppet", config).await }
        });

        word.wait().await;
        let said = world.said.lock().len();
        assert_eq!(said, usize::from(isolation == Isolation::Process));
        assert_eq!(*seen.lock(), [""; 0]);

        word.wait().await;
        if isolation == Isolation::InProcess {
            word.wait().await;
            assert_eq!((world.said.lock().len(), seen.lock().len()), (1, 0));
            word.wait().await;
        }
        asking.await.unwrap().unwrap();
        assert_eq!(*seen.lock(), ["/1 -"]);
    }
}
