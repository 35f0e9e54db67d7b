//! Compiles the header with the system's C compiler and compares what it says with the Rust types.
#![cfg(unix)]

use std::mem::{align_of, offset_of, size_of};
use std::path::Path;
use std::process::Command;

use jackfield_plugin_abi::{ENTRY_SYMBOL, HostV1, MINOR, Out, PluginV1, Status};

macro_rules! layout {
    ($lines:ident, $c:literal, $rust:ty, [$($field:ident),+]) => {
        $lines.push(format!("{} size={} align={}", $c, size_of::<$rust>(), align_of::<$rust>()));
        $($lines.push(format!("{}.{} {}", $c, stringify!($field), offset_of!($rust, $field)));)+
    };
}

fn rust_layout() -> Vec<String> {
    let mut lines = vec![
        format!("JF_MINOR {MINOR}"),
        format!("JF_DONE {}", Status::DONE.0),
        format!("JF_PENDING {}", Status::PENDING.0),
        format!("JF_E_PANIC {}", Status::PANIC.0),
        format!("JF_E_MALFORMED {}", Status::MALFORMED.0),
        format!("JF_E_LIMIT {}", Status::LIMIT.0),
        format!("JF_E_NOMEM {}", Status::NO_MEMORY.0),
    ];
    layout!(lines, "jf_out", Out, [size, reserved, ctx, write]);
    layout!(lines, "jf_host_v1", HostV1, [size, minor, info_json]);
    layout!(
        lines,
        "jf_plugin_v1",
        PluginV1,
        [size, minor, describe, open, resume, close, extension]
    );
    lines
}

/// A C program that prints the same lines; it is written from the Rust lines, so that no field can be forgotten in it.
fn c_program(lines: &[String]) -> String {
    let prints: String = lines
        .iter()
        .map(|line| {
            let name = line.split(' ').next().unwrap_or_default();
            if let Some((strukt, field)) = name.split_once('.') {
                format!("  printf(\"{name} %zu\\n\", offsetof({strukt}, {field}));\n")
            } else if name.starts_with("JF_") {
                format!("  printf(\"{name} %d\\n\", (int)({name}));\n")
            } else {
                format!(
                    "  struct align_{name} {{ char c; {name} t; }};\n  printf(\"{name} size=%zu align=%zu\\n\", \
                     sizeof({name}), offsetof(struct align_{name}, t));\n"
                )
            }
        })
        .collect();
    format!(
        "#include \"jackfield_plugin.h\"\n#include <stdio.h>\nint main(void) {{\n{prints}  return 0;\n}}\n"
    )
}

fn compile(source: &str, arguments: &[&str]) -> std::path::PathBuf {
    let folder = tempfile::tempdir().expect("a temporary folder").keep();
    let file = folder.join("layout.c");
    std::fs::write(&file, source).expect("a writable temporary folder");
    let program = folder.join("layout");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let output = Command::new(&compiler)
        .args(arguments)
        .args(["-Wall", "-Wextra", "-Werror", "-I"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
        .arg(&file)
        .arg("-o")
        .arg(&program)
        .output()
        .unwrap_or_else(|error| panic!("{compiler} cannot be started: {error}"));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    program
}

#[test]
fn header_and_rust_types_agree() {
    let expected = rust_layout();
    let program = compile(&c_program(&expected), &["-std=c99", "-pedantic"]);
    let output = Command::new(&program).output().unwrap();
    std::fs::remove_dir_all(program.parent().unwrap()).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn header_declares_the_symbol_that_hosts_look_up() {
    let header = include_str!("../include/jackfield_plugin.h");
    let symbol = std::str::from_utf8(&ENTRY_SYMBOL[..ENTRY_SYMBOL.len() - 1]).unwrap();
    assert!(header.contains(&format!("JF_CALL {symbol}(")));
}
