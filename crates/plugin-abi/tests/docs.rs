//! `docs/plugins/abi.md` names everything that can be said, and its example is a frame.
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

use std::path::{Path, PathBuf};

use jackfield_plugin_abi::frame::{Caps, Frame};
use jackfield_plugin_abi::messages::{EffectKind, Turn};
use jackfield_plugin_abi::schema::documents;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugins/abi.md")
}

fn text() -> String {
    std::fs::read_to_string(page()).unwrap()
}

/// The values of the string constants of a source file.
fn constants(file: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/messages")
        .join(file);
    let source = std::fs::read_to_string(file).unwrap();
    let values = source.lines().filter_map(|line| {
        let (_, value) = line
            .trim()
            .strip_prefix("pub const ")?
            .split_once(": &str = \"")?;
        value.strip_suffix("\";").map(str::to_owned)
    });
    values.collect()
}

#[test]
fn it_names_every_code_effect_operation_and_feature() {
    let text = text();
    let files = [
        ("error.rs", 18),
        ("host.rs", 3),
        ("operation/mod.rs", 1),
        ("operation/poll.rs", 1),
        ("operation/receive.rs", 1),
        ("operation/options.rs", 1),
        ("operation/credential.rs", 1),
        ("operation/resource.rs", 2),
        ("manifest/mod.rs", 1),
    ];
    let turn = documents()
        .into_iter()
        .find(|(path, _)| *path == "turn.json");
    let (_, turn) = turn.unwrap();
    let forms = turn["$defs"]["Effect"]["oneOf"].as_array().unwrap();
    let effects = forms.iter().map(|form| {
        let required = form["required"].as_array().unwrap();
        required.last().unwrap().as_str().unwrap().to_owned()
    });
    let mut names: Vec<String> = effects.collect();
    assert_eq!(names.len(), 9);
    for (file, least) in files {
        let found = constants(file);
        assert!(found.len() >= least, "{file}: {found:?}");
        names.extend(found);
    }
    for name in names {
        assert!(
            text.contains(&format!("`{name}`")),
            "abi.md does not name {name}"
        );
    }
}

#[test]
fn it_links_every_schema_and_nothing_that_is_not_there() {
    let text = text();
    for (path, _) in documents() {
        assert!(
            text.contains(&format!("schemas/{path})")),
            "abi.md does not link {path}"
        );
    }
    for link in text.split("](").skip(1) {
        let target = link.split([')', '#']).next().unwrap();
        let file = page().parent().unwrap().join(target);
        assert!(file.exists(), "{target} is not there");
    }
}

#[test]
fn its_example_is_the_frame_that_it_says() {
    let text = text();
    let dump = text
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.get(..47));
    let bytes: Vec<u8> = dump
        .map_while(|line| {
            let pairs = line.split_whitespace();
            let bytes: Result<Vec<u8>, _> =
                pairs.map(|pair| u8::from_str_radix(pair, 16)).collect();
            bytes.ok()
        })
        .flatten()
        .collect();
    let frame = Frame::decode(&bytes, Caps::default()).unwrap();
    let turn: Turn<'_> = frame.parse().unwrap();
    let EffectKind::HttpRequest(request) = &turn.effects[0].kind else {
        panic!("{turn:?}");
    };
    assert_eq!(
        frame.attachment(request.body.unwrap()).unwrap(),
        br#"{"n":42}"#
    );
}
