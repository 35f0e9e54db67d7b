//! What the requests of a plugin are held against: the requests of an SDK that were captured, or nothing but documentation.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// The fixtures of a plugin.
pub(super) struct Evidence {
    captured: Option<Captured>,
    /// What was captured of no SDK although its operation was, in words.
    uncaptured: Option<String>,
}

struct Captured {
    /// Names and versions.
    sdk: String,
    /// By name: that of the operation, or one that begins with it.
    requests: Map<String, Value>,
}

impl Evidence {
    /// The fixtures in the folder of a plugin.
    pub(super) fn of(plugin: &str) -> Result<Self> {
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
        let folder = plugins.join(plugin).join("src/fixtures");
        let captured = read(&folder.join("captured.json"))?;
        let captured = captured.map(|text| {
            Captured::parse(&text).with_context(|| format!("captured.json of {plugin}"))
        });
        let uncaptured = read(&folder.join("uncaptured.md"))?;
        Ok(Self {
            captured: captured.transpose()?,
            uncaptured: uncaptured
                .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
        })
    }

    /// What the requests of these operations are held against. Who speaks to any host has no provider to be held against.
    pub(super) fn told(&self, operations: &[&str], to_any_host: bool) -> String {
        let Some(captured) = &self.captured else {
            return match to_any_host {
                true => "–".to_owned(),
                false => "documentation alone".to_owned(),
            };
        };
        let bare = operations.iter().filter(|name| !captured.has(name));
        let bare: Vec<String> = bare.map(|name| format!("`{name}`")).collect();
        let bare = (!bare.is_empty()).then(|| bare.join(", "));
        let bare: Vec<String> = bare.into_iter().chain(self.uncaptured.clone()).collect();
        match bare.is_empty() {
            true => captured.sdk.clone(),
            false => format!("{}; documentation alone: {}", captured.sdk, bare.join(", ")),
        }
    }
}

impl Captured {
    fn parse(text: &str) -> Result<Self> {
        let mut captured: Value = serde_json::from_str(text)?;
        let sdk = captured["sdk"]
            .as_str()
            .context("the name of an SDK")?
            .to_owned();
        match captured["requests"].take() {
            Value::Object(requests) => Ok(Self { sdk, requests }),
            _ => anyhow::bail!("no requests by name"),
        }
    }

    fn has(&self, operation: &str) -> bool {
        let is_of = |name: &String| {
            let rest = name.strip_prefix(operation);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        self.requests.keys().any(is_of)
    }
}

/// The text of a file, none where there is no such file.
fn read(file: &Path) -> Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_captured_under_its_name_or_one_that_begins_with_it() {
        let text = r#"{"sdk": "maps 1.0", "requests": {"geocode_with_little": {}, "lookups": {}}}"#;
        let evidence = Evidence {
            captured: Some(Captured::parse(text).unwrap()),
            uncaptured: Some("the reviews of owners".to_owned()),
        };
        assert_eq!(
            evidence.told(&["geocode", "reverse_geocode", "lookup"], false),
            "maps 1.0; documentation alone: `reverse_geocode`, `lookup`, the reviews of owners"
        );
    }

    #[test]
    fn without_fixtures_there_is_documentation_alone() {
        let evidence = Evidence {
            captured: None,
            uncaptured: None,
        };
        assert_eq!(evidence.told(&["charge"], false), "documentation alone");
        assert_eq!(evidence.told(&[], true), "–");
    }
}
