//! A service outside that a node calls, with as little work as possible and on a thread of its own, so that whoever calls it waits for the
//! same.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::Result;

/// The token that it wants to see.
pub const TOKEN: &str = "tok_node_overhead";

const ACCEPTED: &str = r#"{"id":"bk_2041","status":"accepted","cents":199900}"#;

/// Starts it. It answers 200 and a JSON document to whoever has the token, and 401 to others. Returns its URL.
pub fn start() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/bookings", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A connection that breaks off shows as a step that failed.
            thread::spawn(move || serve(stream));
        }
    });
    Ok(url)
}

fn serve(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    let mut room = [0; 4096];
    loop {
        let read = stream.read(&mut room)?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&room[..read]);
        if let Some(head) = whole(&request) {
            let status = match head.contains(&format!("authorization: bearer {TOKEN}")) {
                true => "200 OK",
                false => "401 Unauthorized",
            };
            let length = ACCEPTED.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{ACCEPTED}"
            );
            stream.write_all(answer.as_bytes())?;
            request.clear();
        }
    }
}

/// The head of a request that is there to its end, in lower case.
fn whole(request: &[u8]) -> Option<String> {
    let end = request.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    let length: usize = length.trim().parse().ok()?;
    (request.len() >= end + 4 + length).then_some(head)
}
