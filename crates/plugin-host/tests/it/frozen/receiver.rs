use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

/// Answers two requests only when both have come, so that a node that sends one after the other waits for ever.
pub struct Receiver {
    pub port: u16,
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let both = Arc::new(Barrier::new(2));
        tokio::spawn({
            let seen = seen.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream, both.clone(), seen.clone()));
                }
            }
        });
        Self { port, seen }
    }
}

async fn answer(mut stream: TcpStream, both: Arc<Barrier>, seen: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let request = String::from_utf8_lossy(&bytes).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().push(request);
    both.wait().await;
    let answer = match path.as_str() {
        "/teapot" => "418 Teapot\r\ncontent-length: 5\r\n\r\nshort",
        "/busy" => "503 Busy\r\ncontent-length: 4\r\n\r\nbusy",
        _ => {
            "200 OK\r\ncontent-type: text/plain\r\ncontent-length: 14\r\n\r\nhe said \"h\u{e9}\"\n"
        }
    };
    let answer = format!("HTTP/1.1 {answer}");
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let announced = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    body.len() >= announced.map_or(0, |len| len.parse().unwrap())
}
