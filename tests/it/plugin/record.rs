//! What an author records for tests that do without the service.

use std::fs;
use std::process::Output;

use anyhow::Result;
use insta::assert_snapshot;
use jackfield_tests::{Engine, Receiver, Reply, Setup};
use serde_json::json;
use tokio::process::Command;

use super::check::http;

const SECRET: &str = "sk_live_Zb0qLx81";

/// Runs `jackfield plugin record` on the plugin for HTTP.
async fn record(setup: &Setup, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(setup.server());
    command
        .args(["plugin", "record", &http(setup)])
        .args(arguments)
        .current_dir(setup.home())
        .env_clear()
        .env("JACKFIELD_EGRESS_ALLOW", "127.0.0.0/8");
    Ok(command.output().await?)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn what_a_node_sends_and_is_answered_is_written_down() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let receiver = Receiver::start().await?;
    let answer = json!({"id": 7, "you": format!("Bearer {SECRET}")});
    receiver.answer(
        "/orders",
        [Reply::json(201, &answer).header("x-total", "9")],
    );
    let config = json!({"method": "POST", "url": receiver.url("/orders?draft=1"), "body": {"cents": 500},
        "headers": {"Accept-Language": "de"}});
    let credentials = setup.home().join("credentials.json");
    fs::write(
        &credentials,
        json!({"scheme": "bearer", "token": SECRET}).to_string(),
    )?;
    let output = record(
        &setup,
        &[
            "--node=api-endpoint",
            "--config",
            &config.to_string(),
            "--credentials",
            &format!("@{}", credentials.display()),
            "--out=orders.json",
        ],
    )
    .await?;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        receiver.requests()[0].header("authorization"),
        format!("Bearer {SECRET}")
    );

    let fixture = fs::read_to_string(setup.home().join("orders.json"))?;
    assert!(!fixture.contains(SECRET), "{fixture}");
    // A test of the plugin plays it back.
    let played = include_str!("../../../plugins/http/src/api_endpoint/fixtures/order.json");
    let shop = "http://shop.example.com";
    assert_eq!(fixture.replace(&receiver.url(""), shop), played);
    let said = text(&output.stderr);
    let last = said.lines().last().unwrap_or_default();
    assert_snapshot!(last.replace(&receiver.url(""), shop), @"201 POST http://shop.example.com/orders?draft=1");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_recorded_says_why() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let refused = async |arguments: &[&str]| -> Result<String> {
        let output = record(&setup, arguments).await?;
        assert_ne!(output.status.code(), Some(0));
        let said = text(&output.stderr);
        Ok(said.lines().last().unwrap_or_default().to_owned())
    };
    let nowhere = r#"{"url": "http://10.0.0.1/"}"#;
    let wrong = r#"{"scheme": "bearer"}"#;
    let all = [
        refused(&["--node=weather"]).await?,
        refused(&["--node=api-endpoint", "--config", nowhere]).await?,
        refused(&["--node=api-endpoint", "--credentials", wrong]).await?,
    ];
    assert_snapshot!(all.join("\n"), @"
    jackfield: --node: the plugin brings no node type weather; it brings api-endpoint, external-webhook
    jackfield: nothing was answered: FORBIDDEN_ADDRESS: 10.0.0.1 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW
    jackfield: credentials.token: must be given
    ");
    Ok(())
}
