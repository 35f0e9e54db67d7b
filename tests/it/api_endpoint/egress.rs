//! Addresses that a workflow must not reach.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, Setup, on_both_engines, step};
use serde_json::json;

use super::call;

on_both_engines![
    loopback_is_forbidden_unless_an_operator_allows_it,
    every_way_to_write_a_private_address_is_forbidden,
    a_redirect_is_checked_like_a_request,
];

async fn loopback_is_forbidden_unless_an_operator_allows_it(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Setup::new(engine)?
        .without("JACKFIELD_EGRESS_ALLOW")
        .start()
        .await?;
    let run = call(&jackfield, json!({"url": outside.url("/")})).await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(
        step(&run, "call")["error"]["code"],
        "FORBIDDEN_ADDRESS",
        "{run:#}"
    );
    assert!(outside.requests().is_empty());
    jackfield.finish().await
}

async fn every_way_to_write_a_private_address_is_forbidden(engine: Engine) -> Result<()> {
    let jackfield = Setup::new(engine)?
        .without("JACKFIELD_EGRESS_ALLOW")
        .start()
        .await?;
    let hosts = [
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
        "255.255.255.255",
    ];
    for host in hosts {
        let run = call(&jackfield, json!({"url": format!("http://{host}:9/")})).await?;
        assert_eq!(
            step(&run, "call")["error"]["code"],
            "FORBIDDEN_ADDRESS",
            "{host}: {run:#}"
        );
    }
    jackfield.finish().await
}

async fn a_redirect_is_checked_like_a_request(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer(
        "/",
        [Reply::redirect(
            302,
            "http://169.254.169.254/latest/meta-data/",
        )],
    );
    let jackfield = Jackfield::start(engine).await?;
    let run = call(&jackfield, json!({"url": outside.url("/")})).await?;

    assert_eq!(
        step(&run, "call")["error"]["code"],
        "FORBIDDEN_ADDRESS",
        "{run:#}"
    );
    jackfield.finish().await
}
