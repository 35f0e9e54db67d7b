//! Senders who mean harm.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use insta::assert_snapshot;
use jackfield_tests::{Engine, InboundHook, Jackfield, Setup, graph, node};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

async fn hook(jackfield: &Jackfield) -> Result<InboundHook> {
    let nodes = [
        node("got", "webhook", json!({"format": "raw"})),
        node("note", "debug", json!({"message": "seen"})),
    ];
    let definition = graph(nodes, &["got -> note"]);
    let workflow = jackfield.owner().publish("Note", definition).await?;
    Ok(workflow.hooks[0].clone())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test plays a sender outside, on loopback"
)]
async fn connect(jackfield: &Jackfield) -> Result<TcpStream> {
    let url = jackfield.url("");
    let address = url.strip_prefix("http://").context("a plain URL")?;
    Ok(TcpStream::connect(address).await?)
}

fn path(hook: &InboundHook) -> &str {
    hook.url.find("/hooks/").map_or("/", |at| &hook.url[at..])
}

/// The resident memory of the server in bytes.
fn resident(jackfield: &Jackfield) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", jackfield.process_id()?))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line
        .context("a process has VmRSS")?
        .trim()
        .trim_end_matches(" kB");
    Ok(kilobytes.parse::<u64>()? * 1024)
}

/// Everything until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> Result<String> {
    let mut answer = Vec::new();
    // A connection that is reset with something unread has said what it had to say.
    let _ = stream.read_to_end(&mut answer).await;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn fifty_megabytes_are_refused_before_they_are_read() -> Result<()> {
    let jackfield = Jackfield::start(Engine::Sqlite).await?;
    let hook = hook(&jackfield).await?;
    // One who says how much is coming need not send any of it.
    let mut said = connect(&jackfield).await?;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\ncontent-length: 52428800\r\n\r\n",
        path(&hook)
    );
    said.write_all(head.as_bytes()).await?;
    let refused = rest(&mut said).await?;
    assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");

    // One who does not say is cut off when it is too much.
    let before = resident(&jackfield)?;
    let mut silent = connect(&jackfield).await?;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
        path(&hook)
    );
    silent.write_all(head.as_bytes()).await?;
    let mut chunk = b"10000\r\n".to_vec();
    chunk.extend([b'a'; 0x10000]);
    chunk.extend(b"\r\n");
    let mut sent = 0;
    while sent < 800 && silent.write_all(&chunk).await.is_ok() {
        sent += 1;
    }
    assert!(sent < 800, "all of it was taken");
    let grown = resident(&jackfield)?.saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more");

    let document = "query($id: ID!) { node(id: $id) { ... on InboundHook { requests { nodes { verdict status reason detail } } } } }";
    let shown = jackfield
        .owner()
        .data_with(document, json!({"id": hook.id}))
        .await?;
    assert_snapshot!(shown["node"]["requests"]["nodes"][0], @r#"{"verdict":"REJECTED","status":413,"reason":"BODY_TOO_LARGE","detail":"the body is larger than the 1048576 bytes that are accepted"}"#);
    jackfield.finish().await
}

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() -> Result<()> {
    let jackfield = Jackfield::start(Engine::Sqlite).await?;
    let hook = hook(&jackfield).await?;
    // What a bomb begins with: 10 GB of zeros are a few kilobytes of this.
    let bomb = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3].repeat(100);
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let refused = hook
            .post(&[("content-encoding", encoding)], bomb.clone())
            .await?;
        assert_eq!(refused.status, 415, "{encoding}: {}", refused.text);
    }
    jackfield.finish().await
}

/// On every route: whoever sends nothing, or a little now and then, is let go.
#[tokio::test]
async fn a_sender_who_never_ends_is_let_go() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?
        .environment("JACKFIELD_HEADER_TIMEOUT", "1s")
        .environment("JACKFIELD_BODY_TIMEOUT", "1s");
    let jackfield = setup.start().await?;
    let hook = hook(&jackfield).await?;
    let slowly = async |head: String, drip: &str| {
        let mut stream = connect(&jackfield).await?;
        stream.write_all(head.as_bytes()).await?;
        let (mut reader, mut writer) = stream.split();
        let begun = Instant::now();
        let mut answer = Vec::new();
        let read = reader.read_to_end(&mut answer);
        let dripping = async {
            while writer.write_all(drip.as_bytes()).await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
            std::future::pending::<()>().await
        };
        tokio::select! {
            _ = read => {}
            () = dripping => {}
            () = sleep(Duration::from_secs(10)) => {}
        }
        ensure!(
            begun.elapsed() < Duration::from_secs(8),
            "the connection was held"
        );
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };

    let path = path(&hook);
    let silent = slowly(String::new(), "").await?;
    let head = slowly(
        format!("POST {path} HTTP/1.1\r\nhost: a\r\n"),
        "x-more: a\r\n",
    )
    .await?;
    assert!(!head.contains("200 OK"), "{silent} {head}");
    for path in [path, "/graphql", "/v1/events"] {
        let key = jackfield.owner_key();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n"
        );
        let body = slowly(head, " ").await?;
        assert!(body.starts_with("HTTP/1.1 408"), "{path}: {body}");
    }
    // The others are served as ever.
    assert_eq!(hook.post(&[], "{}").await?.status, 200);
    let runs = jackfield.owner().data("{ runs { nodes { id } } }").await?;
    let run = runs["runs"]["nodes"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    jackfield.owner().ended(&run).await?;
    jackfield.finish().await
}

#[tokio::test]
async fn made_up_tokens_fill_no_memory() -> Result<()> {
    const TOKENS: usize = 100_000;
    const CONNECTIONS: usize = 8;
    let jackfield = Jackfield::start(Engine::Sqlite).await?;
    let guess = async |connection: usize, count: usize| {
        let mut stream = connect(&jackfield).await?;
        let mut requests = Vec::new();
        for number in 0..count {
            let token = format!("{:040x}", number * CONNECTIONS + connection);
            let head =
                format!("POST /hooks/{token} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{{}}");
            requests.extend_from_slice(head.as_bytes());
        }
        let (mut reader, mut writer) = stream.split();
        let mut answers = 0;
        let read = async {
            let (mut buffer, mut tail) = (vec![0; 1 << 16], Vec::new());
            while answers < count {
                let read = reader.read(&mut buffer).await?;
                ensure!(read > 0, "the server closed the connection");
                tail.extend_from_slice(&buffer[..read]);
                while let Some(at) = tail.windows(12).position(|bytes| bytes == b"HTTP/1.1 404") {
                    answers += 1;
                    tail.drain(..at + 12);
                }
                let keep = tail.len().saturating_sub(11);
                tail.drain(..keep);
            }
            Ok(())
        };
        let write = async { Ok::<_, anyhow::Error>(writer.write_all(&requests).await?) };
        tokio::try_join!(read, write)?;
        Ok::<_, anyhow::Error>(())
    };
    let all = async |tokens: usize| {
        let connections = (0..CONNECTIONS).map(|number| guess(number, tokens / CONNECTIONS));
        futures_util::future::try_join_all(connections).await
    };

    all(TOKENS / 10).await?;
    let before = resident(&jackfield)?;
    all(TOKENS).await?;
    let grown = resident(&jackfield)?.saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes more for {TOKENS} tokens");
    jackfield.finish().await
}
