use std::path::Path;

use jackfield_plugin_host::bundle::{self, Install, Plan};
use jackfield_plugin_host::trust::{Consent, LockFile, Wants};
use jackfield_plugin_host::{Host, HostConfig, Isolation, Unsigned};
use serde_json::{Value, json};

use crate::world::{BOTH, Plugins, World, call, puppet, shown};

fn strict(plugins: &Plugins, isolation: Isolation) -> HostConfig {
    HostConfig {
        unsigned: Unsigned::Refuse,
        ..plugins.config(isolation)
    }
}

/// Takes `capable.so` as it is, with these capabilities and the hosts that it asks for.
async fn accept(config: &HostConfig, capabilities: &[&str]) {
    let dir = config.dir.as_deref().unwrap();
    let library = dir.join("capable.so");
    let described = bundle::describe(&library, config.child.clone())
        .await
        .unwrap();
    let mut file = LockFile::open(dir).unwrap();
    let plan = Plan::of_library(&described.manifest, &file.lock).unwrap();
    let install = Install {
        granted: Wants {
            capabilities: capabilities.iter().map(ToString::to_string).collect(),
            ..plan.asked.clone()
        },
        plan: &plan,
        consent: Consent::Flags,
        at: "2026-01-02T03:04:05Z".into(),
        by: "a test".into(),
    };
    install
        .library("capable.so", &described, &mut file)
        .unwrap();
}

fn error(host: &Host, plugins: &Plugins) -> String {
    let all = host.plugins();
    plugins.shown(all[0].error().unwrap_or("none"))
}

fn flip(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    // A new file, so that one that is mapped stays as it is.
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn only_what_the_lock_holds_is_loaded() {
    for isolation in BOTH {
        let plugins = Plugins::new().puppet(Some("CAPABLE"));
        let config = strict(&plugins, isolation);
        let host = Host::open(config.clone()).await;
        let refused = error(&host, &plugins);
        assert!(
            refused.contains("nobody vouched for it")
                && refused.contains("jackfield plugin accept capable.so"),
            "{refused}"
        );

        accept(&config, &[]).await;
        let host = Host::open(config.clone()).await;
        assert_eq!(error(&host, &plugins), "none");
        assert_eq!(
            puppet(&host, json!({"mode": "count"})).await,
            r#"{"opened":1,"closed":0}"#
        );

        flip(&plugins.file("capable"));
        let host = Host::open(config.clone()).await;
        let refused = error(&host, &plugins);
        assert!(
            refused.starts_with("DIR/capable.so: it was changed: its SHA-256 is"),
            "{refused}"
        );

        let allowing = HostConfig {
            unsigned: Unsigned::Allow,
            ..config
        };
        let host = Host::open(allowing).await;
        assert!(!host.plugins()[0].grants().unwrap().recorded);
    }
}

/// A library with a constructor that would leave a trace does not get to run it.
#[tokio::test]
async fn nothing_of_a_refused_file_runs() {
    let plugins = Plugins::new().puppet(Some("CRASH_AT_LOAD"));
    // In this very process, which a constructor of it would end.
    let host = Host::open(strict(&plugins, Isolation::InProcess)).await;
    let refused = error(&host, &plugins);
    assert!(refused.contains("nobody vouched for it"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_exchanged_after_it_was_hashed_makes_no_difference() {
    let plugins = Plugins::new().puppet(Some("CAPABLE"));
    let config = strict(&plugins, Isolation::Process);
    accept(&config, &[]).await;
    let host = Host::open(config).await;
    std::fs::write(plugins.file("capable"), "evil").unwrap();
    let crashed = puppet(&host, json!({"mode": "abort"})).await;
    assert!(crashed.contains("PLUGIN_CRASHED"), "{crashed}");
    // The next child loads the library once more: from what was hashed.
    assert_eq!(
        puppet(&host, json!({"mode": "count"})).await,
        r#"{"opened":1,"closed":0}"#
    );
}

async fn ask(host: &Host, effect: Value) -> String {
    let config = json!({"mode": "ask", "effects": [effect]});
    shown(call(host, &World::default(), "puppet", config).await)
}

#[tokio::test]
async fn a_plugin_gets_what_was_granted_and_no_more() {
    let reveal = || json!({"id": 1, "secret.reveal": {"credential": "default", "field": "token"}});
    let request = |url: &str| json!({"id": 1, "http.request": {"method": "GET", "url": url}});
    for isolation in BOTH {
        let plugins = Plugins::new().puppet(Some("CAPABLE"));
        let config = strict(&plugins, isolation);
        accept(&config, &[]).await;
        let host = Host::open(config.clone()).await;
        let refused = ask(&host, reveal()).await;
        let elsewhere = ask(&host, request("https://elsewhere.example/")).await;
        let granted = ask(&host, request("http://127.0.0.1:1/")).await;
        // A grant reaches a plugin that is loaded, without another process.
        accept(&config, &["secret.reveal"]).await;
        host.reload().await;
        let revealed = ask(&host, reveal()).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @r#"{"turns":[{"events":[{"id":1,"err":{"code":"CAPABILITY_NOT_GRANTED","message":"the plugin puppet was not granted the capability secret.reveal. To grant it, run `jackfield plugin grant puppet --capabilities secret.reveal`","retryable":false}}]}],"bytes":0}"#);
            insta::assert_snapshot!(elsewhere, @r#"{"turns":[{"events":[{"id":1,"err":{"code":"HOST_NOT_GRANTED","message":"the plugin puppet may not reach elsewhere.example: that host is not granted. To grant it, run `jackfield plugin grant puppet --hosts elsewhere.example`","retryable":false}}]}],"bytes":0}"#);
            insta::assert_snapshot!(granted, @r#"{"turns":[{"events":[{"id":1,"err":{"code":"CONNECT","message":"no connection to http://127.0.0.1:1: Connection refused (os error 111)","retryable":true}}]}],"bytes":0}"#);
            insta::assert_snapshot!(revealed, @r#"{"turns":[{"events":[{"id":1,"ok":{"value":"default.token"}}]}],"bytes":0}"#);
        }
    }
}
