//! Compiles the header with the system's C compiler and compares what it says with the Rust types.
#![cfg(unix)]

use std::mem::{align_of, offset_of, size_of};
use std::process::Command;

use jackfield_plugin_abi::{ENTRY_SYMBOL, HostV1, MINOR, Out, PluginV1, Status};

const HEADER: &str = include_str!("../include/jackfield_plugin.h");

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

/// The type of every function, from the header's comments and [`PluginV1`]: each assignment fails to compile when it differs.
const FUNCTIONS: &str = r#"#include "jackfield_plugin.h"
static int32_t JF_CALL put(void *ctx, const void *bytes, size_t len) { (void)ctx; (void)bytes; (void)len; return 0; }
static jf_status JF_CALL describe(const void *query, size_t len, const jf_out *out) {
  (void)query; (void)len; return out->write(out->ctx, "", 0) ? JF_E_LIMIT : JF_DONE;
}
static jf_status JF_CALL open_call(const void *call, size_t len, jf_instance **instance) {
  (void)call; (void)len; (void)instance; return JF_E_NOMEM;
}
static jf_status JF_CALL resume(jf_instance *instance, const void *events, size_t len, const jf_out *out) {
  (void)instance; (void)events; (void)len; (void)out; return JF_PENDING;
}
static void JF_CALL close_call(jf_instance *instance) { (void)instance; }
static const void *JF_CALL extension(const char *id) { (void)id; return NULL; }
static const jf_plugin_v1 TABLE = {sizeof(jf_plugin_v1), JF_MINOR, describe, open_call, resume, close_call, extension};
JF_EXPORT const jf_plugin_v1 *JF_CALL jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  (void)out; return host->minor == JF_MINOR && host->info_json ? &TABLE : NULL;
}
int main(void) {
  const jf_out out = {sizeof(jf_out), 0, NULL, put};
  const jf_host_v1 host = {sizeof(jf_host_v1), JF_MINOR, "{}"};
  const jf_plugin_v1 *plugin = jackfield_plugin_entry_v1(&host, &out);
  jf_instance *instance = NULL;
  return plugin->describe(NULL, 0, &out) == JF_DONE && plugin->open("", 0, &instance) == JF_E_NOMEM &&
         plugin->resume(instance, NULL, 0, &out) == JF_PENDING && !plugin->extension("example/1") ? 0 : 1;
}
"#;

const C: (&str, &str, &str) = ("CC", "cc", "-std=c99");
const CPP: (&str, &str, &str) = ("CXX", "c++", "-std=c++11");

/// Compiles a program against a header in the given language; the error is what the compiler says.
fn compile(
    (variable, compiler, standard): (&str, &str, &str),
    header: &str,
    source: &str,
) -> Result<Program, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let extension = if compiler == "cc" { "c" } else { "cpp" };
    let file = folder.path().join("program").with_extension(extension);
    std::fs::write(folder.path().join("jackfield_plugin.h"), header).expect("a writable folder");
    std::fs::write(&file, source).expect("a writable folder");
    let compiler = std::env::var(variable).unwrap_or_else(|_| compiler.into());
    let output = Command::new(&compiler)
        .args([standard, "-pedantic", "-Wall", "-Wextra", "-Werror"])
        .args([file.as_os_str(), "-o".as_ref()])
        .arg(folder.path().join("program"))
        .output()
        .unwrap_or_else(|error| panic!("{compiler} cannot be started: {error}"));
    match output.status.success() {
        true => Ok(Program(folder)),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

struct Program(tempfile::TempDir);

impl Program {
    /// The lines that it prints.
    fn run(&self) -> Vec<String> {
        let output = Command::new(self.0.path().join("program")).output();
        let output = output.expect("a program that was just compiled");
        assert!(output.status.success(), "{}", output.status);
        let printed = String::from_utf8(output.stdout).expect("text");
        printed.lines().map(str::to_owned).collect()
    }
}

#[test]
fn header_and_rust_types_agree() {
    let expected = rust_layout();
    for language in [C, CPP] {
        let program = compile(language, HEADER, &c_program(&expected)).unwrap();
        assert_eq!(program.run(), expected);
    }
}

/// A pointer has the size of a `usize`, functions too; the fields before them are two 32-bit numbers.
#[test]
fn sizes_are_what_the_promise_says() {
    let word = size_of::<usize>();
    assert_eq!(size_of::<Out>(), 8 + 2 * word);
    assert_eq!(size_of::<HostV1>(), 8 + word);
    assert_eq!(size_of::<PluginV1>(), 8 + 5 * word);
    assert_eq!(offset_of!(PluginV1, extension), 8 + 4 * word);
}

#[test]
fn functions_have_the_types_that_the_header_describes() {
    for language in [C, CPP] {
        assert!(
            compile(language, HEADER, FUNCTIONS)
                .unwrap()
                .run()
                .is_empty()
        );
    }
}

#[test]
fn a_header_that_differs_is_noticed() {
    let swapped = HEADER.replacen("uint32_t minor; ", "uint64_t minor; ", 1);
    let expected = rust_layout();
    for language in [C, CPP] {
        let program = compile(language, &swapped, &c_program(&expected)).unwrap();
        assert_ne!(program.run(), expected);

        let renamed = HEADER.replace("JF_CALL *close)", "JF_CALL *shut)");
        let error = compile(language, &renamed, &c_program(&expected));
        assert!(error.is_err_and(|error| error.contains("close")));

        let narrowed = HEADER.replace(
            "size_t len, const jf_out *out);\n\n  /* Begins",
            "uint16_t len, const jf_out *out);\n\n  /* Begins",
        );
        assert_ne!(narrowed, HEADER);
        let error = compile(language, &narrowed, FUNCTIONS);
        assert!(error.is_err_and(|error| error.contains("describe")));
    }
}

#[test]
fn header_declares_the_symbol_that_hosts_look_up() {
    let symbol = std::str::from_utf8(&ENTRY_SYMBOL[..ENTRY_SYMBOL.len() - 1]).unwrap();
    assert!(HEADER.contains(&format!("JF_CALL {symbol}(")));
}
