//! Plugins are exchanged while the server serves.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use jackfield_tests::{Engine, Jackfield, Setup, node, on_both_engines, start_then, step};
use serde_json::{Value, json};

use super::trust::bench::Bench;

on_both_engines![
    a_new_version_is_used_while_a_step_finishes_on_the_old_one,
    plugins_are_loaded_again_when_the_operator_says_so,
    what_is_in_force_is_told
];

/// Sleeps for the milliseconds in its config, and returns its version.
const SLOW: &str = r#"
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    struct out { uint32_t size, reserved; void *ctx; int32_t (*write)(void *, const void *, size_t); };
    struct call { int resumes, ms; };
    static int32_t say(const struct out *out, int32_t status, const char *json) {
      size_t len = strlen(json);
      unsigned char head[8] = {len, len >> 8};
      return out->write(out->ctx, head, 8) || out->write(out->ctx, json, len) ? -3 : status;
    }
    static int32_t describe(const void *query, size_t len, const struct out *out) {
      return say(out, 0, "{\"name\":\"slow\",\"version\":\"" VERSION "\",\"nodes\":[{\"type\":\"slow\",\"name\":\"Slow\","
        "\"category\":\"test\",\"inputs\":[{\"name\":\"data-in\"}],\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{}}]}");
    }
    static int32_t open(const void *bytes, size_t len, struct call **call) {
      const char *ms = memmem(bytes, len, "\"ms\":", 5);
      *call = calloc(1, sizeof **call);
      (*call)->ms = ms ? atoi(ms + 5) : 0;
      return 0;
    }
    static int32_t resume(struct call *call, const void *events, size_t len, const struct out *out) {
      char json[128];
      if (call->resumes++ || !call->ms)
        return say(out, 0, "{\"result\":{\"port\":\"data-out\",\"output\":\"" VERSION "\"}}");
      if (call->ms < 0) abort();
      snprintf(json, sizeof json, "{\"effects\":[{\"id\":1,\"sleep\":{\"ms\":%d}}]}", call->ms);
      return say(out, 1, json);
    }
    static void close(struct call *call) { free(call); }
    static const struct { uint32_t size, minor; void *describe, *open, *resume, *close, *extension; }
        table = {48, 0, (void *)describe, (void *)open, (void *)resume, (void *)close, 0};
    const void *jackfield_plugin_entry_v1(const void *host, const void *out) { return &table; }
"#;

/// Compiles a version beside the place of the plugin and moves it there, as an upgrade does.
pub(super) fn install(plugins: &Path, version: &str) -> Result<()> {
    let code = plugins.join("slow.c");
    let fresh = plugins.join("slow.new");
    fs::write(&code, SLOW)?;
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-D_GNU_SOURCE"])
        .arg(format!("-DVERSION=\"{version}\""))
        .arg("-o")
        .arg(&fresh)
        .arg(&code)
        .status()?;
    ensure!(status.success(), "cc ended with {status}");
    fs::remove_file(code)?;
    fs::rename(fresh, library(plugins))?;
    Ok(())
}

/// Takes the plugin away.
pub(super) fn remove(plugins: &Path) -> Result<()> {
    Ok(fs::remove_file(library(plugins))?)
}

fn library(plugins: &Path) -> std::path::PathBuf {
    plugins.join(format!("libslow{}", std::env::consts::DLL_SUFFIX))
}

/// A workflow that waits for the plugin, that long.
pub(super) fn slow(ms: i32) -> Value {
    start_then(node("call", "slow", json!({"ms": ms})))
}

/// Waits until the server says this of the plugin; null when it is not there.
pub(super) async fn until(jackfield: &Jackfield, what: impl Fn(&Value) -> bool) -> Result<Value> {
    until_of(jackfield, "slow", what).await
}

async fn until_of(
    jackfield: &Jackfield,
    name: &str,
    what: impl Fn(&Value) -> bool,
) -> Result<Value> {
    loop {
        let document = "{ plugins { nodes { name version status lastError crashes isolation sandbox { landlock landlockAbi seccomp noNewPrivileges memoryBytes openFiles } } } }";
        let data = jackfield.owner().data(document).await?;
        let nodes = data["plugins"]["nodes"].as_array().into_iter().flatten();
        let mut named = nodes.into_iter().filter(|plugin| plugin["name"] == name);
        let plugin = named.next().cloned().unwrap_or_default();
        if what(&plugin) {
            return Ok(plugin);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_new_version_is_used_while_a_step_finishes_on_the_old_one(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?;
    let plugins = setup.plugins().to_owned();
    install(&plugins, "1.0.0")?;
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let patient = owner.publish("patient", slow(6_000)).await?;
    let quick = owner.publish("quick", slow(0)).await?;
    let waiting = owner.start_run(&patient, json!({})).await?;
    while step(&owner.run(&waiting).await?, "call")["status"] != "RUNNING" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    install(&plugins, "2.0.0")?;
    until(&jackfield, |plugin| plugin["version"] == "2.0.0").await?;
    let run = owner.run_to_end(&quick, json!({})).await?;
    assert_eq!(step(&run, "call")["output"], "2.0.0", "{run:#}");

    // A version that cannot be loaded leaves the one that can in service.
    fs::write(plugins.join("broken"), "This is no library.")?;
    fs::rename(plugins.join("broken"), library(&plugins))?;
    let held = until(&jackfield, |plugin| !plugin["lastError"].is_null()).await?;
    assert_eq!(held["version"], "2.0.0");
    let error = held["lastError"].as_str().unwrap_or_default();
    assert!(
        error.starts_with("a newer version is not in service: "),
        "{error}"
    );
    let run = owner.run_to_end(&quick, json!({})).await?;
    assert_eq!(step(&run, "call")["output"], "2.0.0", "{run:#}");

    let run = owner.ended(&waiting).await?;
    assert_eq!(step(&run, "call")["output"], "1.0.0", "{run:#}");

    // A plugin that is gone takes its node types along.
    remove(&plugins)?;
    until(&jackfield, Value::is_null).await?;
    let data = owner
        .data("{ nodeTypes(search: \"slow\") { nodes { type } } }")
        .await?;
    assert_eq!(data["nodeTypes"]["nodes"], json!([]));
    jackfield.finish().await
}

/// The server does not watch the folder of a bundle: whoever changes it says so.
async fn plugins_are_loaded_again_when_the_operator_says_so(engine: Engine) -> Result<()> {
    // Where unsigned plugins are allowed, so are changed ones.
    let setup = Setup::new(engine)?.without("JACKFIELD_UNSIGNED_PLUGINS");
    let bench = Bench::of(&setup)?;
    let bundle = bench.fetcher("1.0.0", &["127.0.0.1"])?;
    bench.done(&["install", &bundle, "--yes", "--allow-unsigned"])?;
    let library = bench.installed("1.0.0")?;
    let kept = fs::read(&library)?;
    let jackfield = setup.start().await?;
    let has_error = |plugin: &Value| !plugin["lastError"].is_null();
    until_of(&jackfield, "fetcher", |plugin| plugin["status"] == "READY").await?;

    bench.flip(&library)?;
    jackfield.hang_up()?;
    let held = until_of(&jackfield, "fetcher", has_error).await?;
    assert_eq!(held["status"], "READY", "{held:#}");
    let error = held["lastError"].as_str().unwrap_or_default();
    assert!(error.contains("it was changed: its SHA-256 is"), "{error}");

    fs::write(&library, kept)?;
    jackfield.hang_up()?;
    until_of(&jackfield, "fetcher", |plugin| !has_error(plugin)).await?;
    jackfield.finish().await
}

async fn what_is_in_force_is_told(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?;
    install(setup.plugins(), "1.0.0")?;
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let plugin = until(&jackfield, |plugin| !plugin.is_null()).await?;
    assert_eq!(plugin["isolation"], "PROCESS");
    assert_eq!(plugin["sandbox"]["seccomp"], true, "{plugin:#}");
    assert_eq!(plugin["sandbox"]["noNewPrivileges"], true, "{plugin:#}");
    assert_eq!(plugin["sandbox"]["openFiles"], 32, "{plugin:#}");

    let crash = owner.publish("crash", slow(-1)).await?;
    for crashes in 1..=5 {
        let run = owner.run_to_end(&crash, json!({})).await?;
        assert_eq!(run["error"]["code"], "PLUGIN_CRASHED", "{run:#}");
        until(&jackfield, |plugin| plugin["crashes"] == crashes).await?;
    }
    let plugin = until(&jackfield, |_| true).await?;
    assert_eq!(plugin["status"], "QUARANTINED", "{plugin:#}");
    let run = owner.run_to_end(&crash, json!({})).await?;
    assert_eq!(run["error"]["code"], "PLUGIN_QUARANTINED", "{run:#}");
    jackfield.finish().await
}
