use std::sync::Arc;

use jackfield_plugin_host::{Isolation, PluginStatus};
use serde_json::json;

use crate::world::{BOTH, Plugins, World, call, shown};

async fn version(host: &jackfield_plugin_host::Host) -> String {
    let version = json!({"mode": "version"});
    shown(call(host, &World::default(), "desk", version).await)
}

#[tokio::test]
async fn a_new_version_is_used_and_running_calls_finish_on_the_old_one() {
    let plugins = Plugins::new().desk(&[]).puppet(None);
    let host = plugins.host(Isolation::Process).await;
    let (old, puppet) = (host.plugins()[0].clone(), host.plugins()[1].clone());
    assert_eq!(version(&host).await, r#""1.0.0""#);
    let world = Arc::new(World::default());
    let waiting = tokio::spawn({
        let (host, world) = (host.clone(), world.clone());
        async move {
            let asked = json!({"mode": "ask", "effects": [{"log": {"level": "info", "message": "here"}}, {"id": 1, "sleep": {"ms": 700}}]});
            shown(call(&host, &world, "puppet", asked).await)
        }
    });
    while world.said.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    plugins.write_desk(&[r#"-DVERSION="2.0.0""#]);
    host.reload().await;
    assert_eq!(host.loads(), 1);
    assert_eq!(version(&host).await, r#""2.0.0""#);
    assert_ne!(host.plugins()[0].sha256(), old.sha256());
    assert!(
        Arc::ptr_eq(&host.plugins()[1], &puppet),
        "what has not changed is kept"
    );
    // The file of the other one goes as well: its call still finishes.
    std::fs::remove_file(plugins.file("puppet")).unwrap();
    drop(puppet);
    host.reload().await;
    assert!(host.node_type("puppet").is_none());
    insta::assert_snapshot!(waiting.await.unwrap(), @r#"{"turns":[{"events":[{"id":1,"ok":{}}]}],"bytes":0}"#);
}

#[tokio::test]
async fn a_broken_new_version_leaves_the_old_one_in_service() {
    let plugins = Plugins::new().desk(&[]);
    let host = plugins.host(Isolation::Process).await;
    let plugins = plugins.junk("desk", b"this is no library");
    host.reload().await;
    let desk = host.plugins()[0].clone();
    assert_eq!(desk.status(), PluginStatus::Ready);
    assert_eq!(version(&host).await, r#""1.0.0""#);
    insta::assert_snapshot!(plugins.shown(&desk.health().last_error.unwrap()), @"a newer version is not in service: DIR/desk.so: it is not a library that can be loaded here: file too short");
    plugins.write_desk(&[r#"-DVERSION="2.0.0""#]);
    host.reload().await;
    assert_eq!(version(&host).await, r#""2.0.0""#);
    assert_eq!(host.plugins()[0].health().last_error, None);
}

#[tokio::test]
async fn a_library_in_this_process_is_exchanged_by_a_restart() {
    let plugins = Plugins::new().desk(&[]);
    let host = plugins.host(BOTH[1]).await;
    plugins.write_desk(&[r#"-DVERSION="2.0.0""#]);
    host.reload().await;
    assert_eq!(version(&host).await, r#""1.0.0""#);
    let told = host.plugins()[0].health().last_error.unwrap();
    insta::assert_snapshot!(plugins.shown(&told), @"a newer version is not in service: DIR/desk.so: a library in the server's own process is exchanged when the server starts again");
}
