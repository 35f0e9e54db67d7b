//! Writes the JSON Schemas of the messages into `schemas/`, or with `--check` fails if they are not current.
//! `cargo xtask schema` runs it.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use jackfield_plugin_abi::schema::documents;

fn main() -> Result<(), Box<dyn Error>> {
    let check = env::args().any(|argument| argument == "--check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (path, schema) in documents() {
        let file = folder.join(path);
        let text = format!("{}\n", serde_json::to_string_pretty(&schema)?);
        if fs::read_to_string(&file).unwrap_or_default() == text {
            continue;
        }
        if check {
            return Err(format!("{path} is not current; run `cargo xtask schema`").into());
        }
        fs::create_dir_all(file.parent().unwrap_or(&folder))?;
        fs::write(file, text)?;
    }
    Ok(())
}
