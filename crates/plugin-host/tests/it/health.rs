use std::process::Command;
use std::time::Duration;

use jackfield_plugin_abi::messages::{CallError, code};
use jackfield_plugin_host::{Host, Isolation, PluginStatus};
use serde_json::{Value, json};

use crate::world::{Plugins, World, call, puppet, shown};

async fn refused(host: &Host, config: Value) -> CallError {
    let outcome = call(host, &World::default(), "puppet", config).await;
    outcome.map(|outcome| outcome.output).unwrap_err()
}

#[tokio::test]
async fn a_plugin_that_keeps_crashing_is_put_into_quarantine_and_tried_again() {
    let plugins = Plugins::new().puppet(None);
    let mut config = plugins.config(Isolation::Process);
    config.limits.breaker.crashes = 3;
    config.limits.breaker.pause = Duration::from_millis(400);
    let host = Host::open(config).await;
    let plugin = host.plugins()[0].clone();
    for _ in 0..3 {
        assert_eq!(plugin.status(), PluginStatus::Ready);
        let error = refused(&host, json!({"mode": "segfault"})).await;
        assert_eq!(error.code, code::PLUGIN_CRASHED);
    }
    assert_eq!(plugin.status(), PluginStatus::Quarantined);
    let error = refused(&host, json!({"mode": "count"})).await;
    insta::assert_snapshot!(error, @"PLUGIN_QUARANTINED: the plugin puppet: it is in quarantine because it keeps crashing: its process was ended by signal 11 (SIGSEGV)");
    assert!(error.retryable);
    assert!((1..=400).contains(&error.retry_after_ms.unwrap()));
    let health = plugin.health();
    assert_eq!(health.crashes, 3);
    insta::assert_snapshot!(health.last_error.unwrap(), @"its process was ended by signal 11 (SIGSEGV)");
    // One call tries, and lifts it.
    tokio::time::sleep(plugin.health().quarantined_for.unwrap()).await;
    assert_eq!(plugin.status(), PluginStatus::Quarantined);
    let counts = puppet(&host, json!({"mode": "count"})).await;
    assert_eq!(counts, r#"{"opened":1,"closed":0}"#);
    assert_eq!(plugin.status(), PluginStatus::Ready);
    // The next crash is one too many, and it stays for longer.
    refused(&host, json!({"mode": "segfault"})).await;
    assert!(plugin.health().quarantined_for.unwrap() > Duration::from_millis(400));
}

#[tokio::test]
async fn processor_time_is_counted_per_step() {
    let plugins = Plugins::new().puppet(None);
    let mut config = plugins.config(Isolation::Process);
    config.limits.cpu = Duration::from_millis(300);
    config.limits.resume = Duration::from_secs(60);
    let host = Host::open(config).await;
    let looping = puppet(&host, json!({"mode": "loop"})).await;
    insta::assert_snapshot!(looping, @"PLUGIN_TIMEOUT: the plugin puppet: it used more than 300 ms of processor time at once and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find");
}

#[tokio::test]
async fn nobody_may_be_busy_unasked() {
    let plugins = Plugins::new().desk(&[]);
    let host = plugins.host(Isolation::Process).await;
    let plugin = host.plugins()[0].clone();
    let busy = shown(call(&host, &World::default(), "desk", json!({"mode": "busy"})).await);
    assert_eq!(busy, r#""busy""#);
    while plugin.health().crashes == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    insta::assert_snapshot!(plugin.health().last_error.unwrap(), @"it kept the processor busy although nothing was asked of it and its process was ended");
}

#[tokio::test]
async fn a_call_that_comes_while_its_process_is_let_go_gets_another() {
    let plugins = Plugins::new().puppet(None);
    let mut config = plugins.config(Isolation::Process);
    // Let go at the first look, which is every millisecond.
    config.limits.idle = Duration::ZERO;
    let host = Host::open(config).await;
    for pause in (0..400).map(|nth| Duration::from_micros(nth * 10)) {
        tokio::time::sleep(pause).await;
        let counts = puppet(&host, json!({"mode": "count"})).await;
        assert!(counts.starts_with(r#"{"opened":"#), "{counts}");
    }
    assert_eq!(host.plugins()[0].health().crashes, 0);
}

#[tokio::test]
async fn a_process_that_ended_between_two_calls_fails_neither() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(Isolation::Process).await;
    for _ in 0..10 {
        // After short answers nobody listens to the process between two calls.
        for _ in 0..10 {
            puppet(&host, json!({"mode": "count"})).await;
        }
        let killed = Command::new("kill").arg("-KILL").args(children()).status();
        assert!(killed.unwrap().success());
        while !children().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let counts = puppet(&host, json!({"mode": "count"})).await;
        assert_eq!(counts, r#"{"opened":1,"closed":0}"#);
    }
}

/// The processes of plugins that live.
fn children() -> Vec<String> {
    let own = std::process::id().to_string();
    let is_living_child = |pid: &String| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        !matches!(fields.next(), Some("Z" | "X") | None) && fields.next() == Some(&own)
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.map(|entry| entry.file_name().to_string_lossy().into_owned());
    pids.filter(is_living_child).collect()
}
