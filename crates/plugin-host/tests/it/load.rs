use jackfield_plugin_host::{Host, Isolation, Landlock, PluginStatus};
use serde_json::json;

use crate::world::{BOTH, Plugins, World, call, puppet, shown};

fn list(host: &Host, plugins: &Plugins) -> String {
    let line = |plugin: &std::sync::Arc<jackfield_plugin_host::Plugin>| {
        let nodes: Vec<_> = plugin.node_types().collect();
        let what = match plugin.error() {
            Some(error) => plugins.shown(error),
            None => format!("{} {nodes:?}", plugin.version().unwrap()),
        };
        format!("{} {:?} {what}\n", plugin.name(), plugin.status())
    };
    host.plugins().iter().map(line).collect()
}

#[tokio::test]
async fn plugins_in_c_and_rust_are_found_described_and_called() {
    let plugins = Plugins::new().puppet(None).echo();
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(list(&host, &plugins), @r#"
            echo Ready 2.1.0 ["echo"]
            puppet Ready 1.0.0 ["puppet"]
            "#);
        }
        let world = World::default();
        let done = call(&host, &world, "echo", json!({})).await;
        assert_eq!(shown(done), "null");
        let counts = puppet(&host, json!({"mode": "count"})).await;
        assert_eq!(counts, r#"{"opened":1,"closed":0}"#);
        let counts = puppet(&host, json!({"mode": "count"})).await;
        assert_eq!(counts, r#"{"opened":2,"closed":1}"#);
        let unknown = call(&host, &world, "nothing", json!({})).await;
        assert_eq!(
            shown(unknown),
            "PLUGIN_MISSING: no plugin that is loaded brings the node type \"nothing\"; install one, or see `jackfield plugin list` for why it is not loaded"
        );
        assert_eq!(host.providers().len(), 2);
    }
}

#[tokio::test]
async fn a_file_that_is_no_plugin_is_named_with_the_reason() {
    let plugins = Plugins::new()
        .junk("a_empty", b"")
        .junk("b_text", b"this is no library")
        .puppet(Some("NO_SYMBOL"))
        .puppet(Some("NULL_TABLE"))
        .puppet(Some("REFUSE"))
        .puppet(Some("SHORT_TABLE"))
        .puppet(Some("NO_RESUME"))
        .puppet(Some("BAD_MANIFEST"))
        .puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(list(&host, &plugins), @r#"
            a_empty.so Failed DIR/a_empty.so: it is not a library that can be loaded here: file too short
            b_text.so Failed DIR/b_text.so: it is not a library that can be loaded here: file too short
            bad_manifest.so Failed DIR/bad_manifest.so: its manifest is not valid: name is "Puppet!"; a name has lower case letters, digits, hyphens and underscores, begins with a letter and has at most 64
            no_resume.so Failed DIR/no_resume.so: its function table has no resume (NULL)
            no_symbol.so Failed DIR/no_symbol.so: it does not export jackfield_plugin_entry_v1, so it is no Jackfield plugin of ABI 1
            null_table.so Failed DIR/null_table.so: it returned no function table (NULL)
            puppet Ready 1.0.0 ["puppet"]
            refuse.so Failed DIR/refuse.so: it refuses this host: this host is too old
            short_table.so Failed DIR/short_table.so: its function table has 24 bytes, ABI 1 has 40; build it against jackfield_plugin.h of ABI 1
            "#);
        }
        assert_eq!(
            puppet(&host, json!({"mode": "count"})).await,
            r#"{"opened":1,"closed":0}"#
        );
    }
}

#[tokio::test]
async fn a_plugin_of_a_later_minor_is_used_as_far_as_it_is_known() {
    let plugins = Plugins::new().puppet(Some("LATER_MINOR"));
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        assert_eq!(host.plugins()[0].error(), None);
        let counts = puppet(&host, json!({"mode": "count"})).await;
        assert_eq!(counts, r#"{"opened":1,"closed":0}"#);
    }
}

#[tokio::test]
async fn a_constructor_that_crashes_takes_nothing_along() {
    let plugins = Plugins::new().puppet(Some("CRASH_AT_LOAD")).puppet(None);
    let host = plugins.host(Isolation::Process).await;
    insta::assert_snapshot!(list(&host, &plugins), @r#"
    crash_at_load.so Failed DIR/crash_at_load.so: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    puppet Ready 1.0.0 ["puppet"]
    "#);
}

#[tokio::test]
async fn a_name_that_is_taken_stays_with_the_first() {
    let plugins = Plugins::new().puppet(None);
    std::fs::copy(plugins.file("puppet"), plugins.file("another")).unwrap();
    let host = plugins.host(Isolation::Process).await;
    insta::assert_snapshot!(list(&host, &plugins), @r#"
    puppet Ready 1.0.0 ["puppet"]
    puppet.so Failed DIR/puppet.so: the name puppet is already brought by DIR/another.so
    "#);
}

#[tokio::test]
async fn an_operator_can_trust_one_plugin() {
    let plugins = Plugins::new().puppet(None).echo();
    let mut config = plugins.config(Isolation::Process);
    config.in_process.insert("puppet.so".into());
    let host = Host::open(config).await;
    let isolations: Vec<_> = host
        .plugins()
        .iter()
        .map(|plugin| format!("{} {}", plugin.id(), plugin.isolation()))
        .collect();
    assert_eq!(
        isolations,
        ["echo/libecho.so process", "puppet.so in-process"]
    );
}

#[tokio::test]
async fn a_child_can_do_nothing_but_compute() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(Isolation::Process).await;
    let sandbox = host.plugins()[0].health().sandbox.unwrap();
    assert!(sandbox.seccomp);
    let probed = puppet(&host, json!({"mode": "probe"})).await;
    // 13 is EACCES, 1 is EPERM; the files are the three standard ones and the socket; there is no environment.
    let at_load = match sandbox.landlock {
        Landlock::None => 0,
        _ => 13,
    };
    assert_eq!(
        probed,
        format!(
            r#"{{"atLoad":{at_load},"open":13,"create":13,"tcp":1,"udp":1,"unix":1,"fork":1,"exec":1,"kill":1,"ptrace":1,"files":4,"variables":0}}"#
        )
    );
}

#[tokio::test]
async fn no_directory_means_no_plugins() {
    let plugins = Plugins::new();
    let mut config = plugins.config(Isolation::Process);
    config.dir = Some("/nowhere/at/all".into());
    assert!(Host::open(config).await.plugins().is_empty());
    let host = plugins.host(Isolation::Process).await;
    assert!(
        host.plugins()
            .iter()
            .all(|p| p.status() == PluginStatus::Ready)
    );
}
