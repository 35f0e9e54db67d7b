use std::sync::Arc;
use std::time::Duration;

use jackfield_plugin_host::{Host, Isolation};
use serde_json::json;

use crate::world::{BOTH, Plugins, World, call, puppet, shown};

#[tokio::test]
async fn whoever_breaks_the_rules_gets_a_named_error() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let mut all = String::new();
        for mode in [
            "refuse", "wait", "panic", "status", "silent", "junk", "utf8", "twice", "port",
            "early", "flood", "deaf", "print", "other",
        ] {
            let done = puppet(&host, json!({"mode": mode})).await;
            all += &format!("{mode}: {done}\n");
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(all, @r#"
            refuse: PLUGIN_FAULT: the plugin puppet: open was refused as malformed; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            wait: PLUGIN_FAULT: the plugin puppet: it waits, but for nothing that it asked the host for; a node may await host calls only; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            panic: PLUGIN_FAULT: the plugin puppet: resume panicked; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            status: PLUGIN_FAULT: the plugin puppet: resume returned 42, which is no status; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            silent: PLUGIN_FAULT: the plugin puppet: it finished without result or error; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            junk: PLUGIN_FAULT: the plugin puppet: it wrote a bad frame: the frame announces 8 bytes, 4 came; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            utf8: PLUGIN_FAULT: the plugin puppet: it wrote a bad frame: the frame's JSON part is not UTF-8; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            twice: PLUGIN_FAULT: the plugin puppet: it used the effect id 1 twice; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            port: PLUGIN_FAULT: the plugin puppet: it finished at the port nowhere, which puppet has not; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            early: PLUGIN_FAULT: the plugin puppet: it gave a result, but did not finish; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            flood: TOO_LARGE: the plugin puppet: resume wrote more than 75497480 bytes; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            deaf: TOO_LARGE: the plugin puppet: resume wrote more than 75497480 bytes and did not stop when it was refused (JF_E_LIMIT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
            print: "printed"
            other: INVALID_CONFIG: No such mode.
            "#);
        }
        let counts = puppet(&host, json!({"mode": "count"})).await;
        assert_eq!(counts, r#"{"opened":14,"closed":13}"#);
    }
}

#[tokio::test]
async fn a_crash_fails_its_call_and_the_next_one_works() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(Isolation::Process).await;
    let mut all = String::new();
    for mode in [
        "segfault",
        "abort",
        "exit",
        "overflow",
        "leak",
        "descriptors",
    ] {
        let done = puppet(&host, json!({"mode": mode})).await;
        all += &format!("{mode}: {done}\n");
        let counts = works_again(&host).await;
        assert!(counts.starts_with(r#"{"opened":"#), "{counts}");
    }
    insta::assert_snapshot!(all, @"
    segfault: PLUGIN_CRASHED: the plugin puppet: its process was ended by signal 11 (SIGSEGV); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    abort: PLUGIN_CRASHED: the plugin puppet: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    exit: PLUGIN_CRASHED: the plugin puppet: its process exited with code 3; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    overflow: PLUGIN_CRASHED: the plugin puppet: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    leak: PLUGIN_FAULT: the plugin puppet: resume ran out of memory; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    descriptors: PLUGIN_CRASHED: the plugin puppet: it wrote a message of 4294967295 bytes, 75497480 are allowed; its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    ");
}

/// A plugin that crashed may need a moment.
async fn works_again(host: &Host) -> String {
    let mut counts = String::new();
    for _ in 0..100 {
        counts = puppet(host, json!({"mode": "count"})).await;
        if !counts.starts_with("PLUGIN_") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    counts
}

#[tokio::test]
async fn a_panic_that_nobody_catches_is_a_crash() {
    let plugins = Plugins::new().echo();
    let host = plugins.host(Isolation::Process).await;
    let world = World::default();
    let done = shown(call(&host, &world, "echo", json!("panic!")).await);
    insta::assert_snapshot!(done, @"PLUGIN_CRASHED: the plugin echo: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find");
    assert_eq!(shown(call(&host, &world, "echo", json!({})).await), "null");
}

#[tokio::test]
async fn an_endless_loop_is_ended_and_blamed_on_the_right_call() {
    let plugins = Plugins::new().puppet(None);
    let mut config = plugins.config(Isolation::Process);
    config.limits.resume = Duration::from_millis(500);
    let host = Host::open(config).await;
    let world = Arc::new(World::default());
    let company = tokio::spawn({
        let (host, world) = (host.clone(), world.clone());
        async move {
            let effects = json!([{"log": {"level": "info", "message": "here"}}, {"id": 1, "sleep": {"ms": 400}}]);
            let asked = json!({"mode": "ask", "effects": effects});
            shown(call(&host, &world, "puppet", asked).await)
        }
    });
    while world.said.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    let looping = puppet(&host, json!({"mode": "loop"})).await;
    insta::assert_snapshot!(looping, @"PLUGIN_TIMEOUT: the plugin puppet: it did not return within 500 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find");
    insta::assert_snapshot!(company.await.unwrap(), @"PLUGIN_CRASHED: the plugin puppet: another call was stuck in its process, which was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find");
    assert_eq!(works_again(&host).await, r#"{"opened":1,"closed":0}"#);
}

#[tokio::test]
async fn an_idle_child_is_let_go_and_started_again() {
    let plugins = Plugins::new().puppet(None);
    let mut config = plugins.config(Isolation::Process);
    config.limits.idle = Duration::from_millis(20);
    let host = Host::open(config).await;
    puppet(&host, json!({"mode": "count"})).await;
    let mut counts = String::new();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        counts = puppet(&host, json!({"mode": "count"})).await;
        if counts == r#"{"opened":1,"closed":0}"# {
            break;
        }
    }
    assert_eq!(
        counts, r#"{"opened":1,"closed":0}"#,
        "a new process counts from the beginning"
    );
}
