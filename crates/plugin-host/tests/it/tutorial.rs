//! The plugin of `docs/plugins/c.md`, exactly as it stands there.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::{BOTH, Plugins, World, call};

/// Compiles the page's code with the page's options, and with warnings as errors.
fn compile(plugins: &Plugins) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/plugins/c.md")).unwrap();
    let (_, code) = page.split_once("```c\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    let options = page.lines().find(|line| line.starts_with("gcc ")).unwrap();
    let options = options.strip_prefix("gcc ").unwrap();
    let (options, _) = options.split_once(" -o ").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("line_count.c");
    std::fs::write(&file, code).unwrap();
    let output = Command::new("cc")
        .args(options.split(' '))
        .args(["-Wpedantic", "-Werror", "-I"])
        .arg(root.join("crates/plugin-abi/include"))
        .arg("-o")
        .arg(plugins.file("line-count"))
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// A server that answers everything with this.
async fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n")
                && stream.read_buf(&mut request).await.is_ok_and(|n| n > 0)
            {}
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn the_plugin_of_the_page_in_c_does_what_it_says() {
    let plugins = Plugins::new();
    compile(&plugins);
    let text = server("HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\none\ntwo\nthree\n").await;
    let busy = server("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").await;
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let world = World::default();
        let count = async |config: Value| call(&host, &world, "line-count", config).await;

        let done = count(json!({"url": text})).await.unwrap();
        assert_eq!(
            (&*done.port, done.output.get()),
            ("data-out", r#"{"status":200,"lines":3}"#)
        );
        assert_eq!(world.said.lock().last().unwrap(), "Info counted ");

        let failed = count(json!({"url": busy})).await.unwrap();
        assert_eq!((&*failed.port, failed.retry.is_some()), ("error", true));

        let error = count(json!({"url": "http://127.0.0.1:1/"}))
            .await
            .unwrap_err();
        assert_eq!(error.code, "CONNECT");
        let error = count(json!({})).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "INVALID_CONFIG: url is missing; say where the text is."
        );
    }
}
