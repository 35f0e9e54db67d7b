use std::os::unix::fs::symlink;

use jackfield_plugin_host::{Host, Isolation, Landlock};
use serde_json::json;

use crate::world::{Plugins, puppet};

/// A host on a machine whose kernel is taken for an older one: the child looks at the name that it is started by.
async fn host_on(kernel: &str, plugins: &Plugins) -> Host {
    let mut config = plugins.config(Isolation::Process);
    let program = plugins.file("puppet").with_file_name(kernel);
    symlink(config.child.unwrap(), &program).unwrap();
    config.child = Some(program);
    Host::open(config).await
}

#[tokio::test]
async fn a_kernel_that_can_do_less_works_with_the_rest() {
    let mut all = String::new();
    for kernel in ["landlock-0", "landlock-1", "seccomp-0"] {
        let plugins = Plugins::new().puppet(None);
        let host = host_on(kernel, &plugins).await;
        assert_eq!(host.plugins()[0].error(), None);
        let sandbox = host.plugins()[0].health().sandbox.unwrap();
        assert!(!sandbox.is_whole());
        let (landlock, abi) = (sandbox.landlock.as_str(), sandbox.landlock_abi);
        let seccomp = sandbox.seccomp;
        let probed = puppet(&host, json!({"mode": "probe"})).await;
        let probed = probed.split(",\"kill\"").next().unwrap().to_owned();
        all += &format!("{kernel}: landlock {landlock} {abi}, seccomp {seccomp} {probed}\n");
    }
    insta::assert_snapshot!(all, @r#"
    landlock-0: landlock none 0, seccomp true {"atLoad":0,"open":13,"create":13,"tcp":1,"udp":1,"unix":1,"fork":1,"exec":1
    landlock-1: landlock partial 1, seccomp true {"atLoad":13,"open":13,"create":13,"tcp":1,"udp":1,"unix":1,"fork":1,"exec":1
    seccomp-0: landlock full 7, seccomp false {"atLoad":13,"open":13,"create":13,"tcp":0,"udp":0,"unix":0,"fork":0,"exec":13
    "#);
}

#[tokio::test]
async fn a_whole_sandbox_is_known_by_what_is_in_force() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(Isolation::Process).await;
    let sandbox = host.plugins()[0].health().sandbox.unwrap();
    assert_eq!(sandbox.is_whole(), sandbox.landlock == Landlock::Full);
    insta::assert_compact_debug_snapshot!(sandbox, @"Sandbox { landlock: Full, landlock_abi: 7, seccomp: true, no_new_privileges: true, memory: Some(201326592), files: Some(32) }");
}
