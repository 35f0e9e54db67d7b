//! Files that are no plugins: the server starts, and names the file and the reason.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Setup, node, on_both_engines, start_then};
use serde_json::{Value, json};

on_both_engines![
    each_broken_file_is_named_with_its_reason,
    a_plugin_that_crashes_fails_its_call_only
];

/// A library whose entry returns a table that is too small to be one.
const SHORT_TABLE: &str = "
    #include <stdint.h>
    static const struct { uint32_t size, minor; } table = {8, 0};
    const void *jackfield_plugin_entry_v1(const void *host, const void *out) { return &table; }
";
/// A library of a later major version.
const LATER_MAJOR: &str = "
    const void *jackfield_plugin_entry_v2(const void *host, const void *out) { return 0; }
";
/// A library that has nothing to do with plugins.
const NO_SYMBOL: &str = "int answer(void) { return 42; }";
/// A library that ends its process as soon as it is described.
const CRASHES: &str = "
    #include <stdint.h>
    #include <stdlib.h>
    static int32_t describe(const void *query, unsigned long len, const void *out) { abort(); }
    static const struct { uint32_t size, minor; void *describe, *open, *resume, *close, *extension; }
        table = {48, 0, (void *)describe, (void *)describe, (void *)describe, (void *)describe, (void *)describe};
    const void *jackfield_plugin_entry_v1(const void *host, const void *out) { return &table; }
";

fn place(plugins: &Path, name: &str) -> Result<std::path::PathBuf> {
    let folder = plugins.join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("lib{name}{}", std::env::consts::DLL_SUFFIX)))
}

fn compile(plugins: &Path, name: &str, source: &str) -> Result<()> {
    let file = place(plugins, name)?;
    let code = file.with_extension("c");
    fs::write(&code, source)?;
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-o"])
        .arg(&file)
        .arg(&code)
        .status()?;
    fs::remove_file(code)?;
    ensure!(status.success(), "cc ended with {status}");
    Ok(())
}

async fn each_broken_file_is_named_with_its_reason(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?;
    let plugins = setup.plugins().to_owned();
    fs::write(place(&plugins, "text")?, "This is no library.")?;
    compile(&plugins, "nosymbol", NO_SYMBOL)?;
    compile(&plugins, "latermajor", LATER_MAJOR)?;
    compile(&plugins, "shorttable", SHORT_TABLE)?;
    compile(&plugins, "crashes", CRASHES)?;
    let jackfield = setup.start().await?;

    let data = jackfield
        .owner()
        .data("{ plugins(first: 100) { nodes { name status error } } }")
        .await?;
    let mut failed: Vec<Value> = data["plugins"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    failed.retain(|plugin| plugin["status"] != "READY");
    failed.sort_by_key(|plugin| plugin["name"].to_string());
    let home = plugins.to_string_lossy().into_owned();
    for plugin in &mut failed {
        plugin["error"] = json!(
            plugin["error"]
                .as_str()
                .unwrap_or_default()
                .replace(&home, "[plugins]")
        );
    }
    allow_duplicates! {
        assert_json_snapshot!(failed, @r#"
    [
      {
        "name": "crashes/libcrashes.so",
        "status": "FAILED",
        "error": "[plugins]/crashes/libcrashes.so: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find"
      },
      {
        "name": "latermajor/liblatermajor.so",
        "status": "FAILED",
        "error": "[plugins]/latermajor/liblatermajor.so: it does not export jackfield_plugin_entry_v1, so it is no Jackfield plugin of ABI 1"
      },
      {
        "name": "nosymbol/libnosymbol.so",
        "status": "FAILED",
        "error": "[plugins]/nosymbol/libnosymbol.so: it does not export jackfield_plugin_entry_v1, so it is no Jackfield plugin of ABI 1"
      },
      {
        "name": "shorttable/libshorttable.so",
        "status": "FAILED",
        "error": "[plugins]/shorttable/libshorttable.so: its function table has 8 bytes, ABI 1 has 40; build it against jackfield_plugin.h of ABI 1"
      },
      {
        "name": "text/libtext.so",
        "status": "FAILED",
        "error": "[plugins]/text/libtext.so: it is not a library that can be loaded here: file too short"
      }
    ]
    "#);
    }
    let log = jackfield.log()?;
    for name in [
        "libtext",
        "libnosymbol",
        "liblatermajor",
        "libshorttable",
        "libcrashes",
    ] {
        assert!(log.contains(name), "the log does not name {name}:\n{log}");
    }
    jackfield.finish().await
}

async fn a_plugin_that_crashes_fails_its_call_only(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?;
    compile(setup.plugins(), "crashes", CRASHES)?;
    let outside = jackfield_tests::Receiver::start().await?;
    let jackfield = setup.start().await?;
    let call = start_then(node(
        "call",
        "api-endpoint",
        json!({"url": outside.url("/")}),
    ));
    assert_eq!(
        jackfield.owner().run_once(call, json!({})).await?["status"],
        "SUCCEEDED"
    );
    jackfield.finish().await
}
