//! `jackfield_json.h`, the JSON reader and writer that authors of C plugins may copy: compiled, run, and damaged.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

use std::path::Path;
use std::process::Command;

fn program(folder: &Path, options: &[&str]) -> Command {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = folder.join("json");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let output = Command::new(compiler)
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(options)
        .arg("-I")
        .arg(here.join("include"))
        .arg(here.join("tests/support/json.c"))
        .arg("-o")
        .arg(&program)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Command::new(program)
}

#[test]
fn it_reads_and_writes_json() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path(), &[]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        r#"item=1
item={"x":"]}\""}
item=[]
c=18446744073709551615
1 7
absent=
b is 😀é
/
lone is �x
z is no text
e=w b
"a�\"\\\u000a€���z"{"$bin":[0,2]}{"$bin":[2,3]}18446744073709551615null + 12345
"#
    );
}

/// Whatever the bytes are, it stays inside of them: the sanitizers would end the program.
#[test]
fn damaged_text_is_read_without_harm() {
    let folder = tempfile::tempdir().unwrap();
    let sanitized = [
        "-g",
        "-O1",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover",
    ];
    let output = program(folder.path(), &sanitized)
        .arg("20000")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
