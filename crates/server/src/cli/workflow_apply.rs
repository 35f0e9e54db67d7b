//! `jackfield workflow apply`: the workflows of a server become what files say.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::remote::Remote;

const DOCUMENT: &str = "mutation($input: ApplyWorkflowInput!) { applyWorkflow(input: $input) {
    workflow { id name } outcome published
    diff { nodes { nodeKey change values { path before after } } edges { change from fromPort to toPort }
        settings { path before after } }
    userErrors { field code message }
} }";

/// What is to be applied, and how.
pub struct Apply {
    /// Files, and directories whose `.yaml`, `.yml` and `.json` files are meant.
    pub files: Vec<PathBuf>,
    /// Whether to publish.
    pub publish: bool,
    /// Whether only to show what would be done.
    pub dry_run: bool,
    /// `NODE=VARIABLE`: the secret of a webhook is in that environment variable.
    pub secrets: Vec<String>,
}

/// Applies every file, also after one was refused.
///
/// # Errors
///
/// When a file cannot be read, the server cannot be asked, or it refused a file.
pub async fn run(remote: &Remote, apply: Apply) -> anyhow::Result<()> {
    let files = expand(&apply.files)?;
    let secrets = apply.secrets.iter().map(|text| secret(text));
    let secrets = secrets.collect::<anyhow::Result<Vec<Value>>>()?;
    let mut refused = 0;
    for path in &files {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let input = json!({"file": text, "publish": apply.publish, "dryRun": apply.dry_run, "secrets": secrets});
        let data = remote.ask(DOCUMENT, json!({"input": input})).await?;
        let applied = &data["applyWorkflow"];
        match applied["outcome"].as_str() {
            Some(outcome) => super::print(&told(path, outcome, applied, apply.dry_run))?,
            None => {
                refused += 1;
                eprint!("{}", complaints(path, applied));
            }
        }
    }
    match refused {
        0 => Ok(()),
        _ => bail!("{refused} of {} files were refused", files.len()),
    }
}

fn expand(given: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("yaml" | "yml" | "json")) {
                found.push(path);
            }
        }
        found.sort();
        files.append(&mut found);
    }
    if files.is_empty() {
        bail!("there are no .yaml, .yml or .json files");
    }
    Ok(files)
}

fn secret(text: &str) -> anyhow::Result<Value> {
    let (node, variable) = text
        .split_once('=')
        .with_context(|| format!("--secret `{text}` has to be NODE=VARIABLE"))?;
    let secret = std::env::var(variable)
        .with_context(|| format!("--secret {text}: {variable} is not set"))?;
    Ok(json!({"nodeKey": node, "secret": secret}))
}

/// What was done, in a line, and below it what is different.
fn told(path: &Path, outcome: &str, applied: &Value, dry_run: bool) -> String {
    let done = match (outcome, dry_run) {
        ("CREATED", false) => "created",
        ("CREATED", true) => "would be created",
        ("CHANGED", false) => "changed",
        ("CHANGED", true) => "would be changed",
        _ => "unchanged",
    };
    let published = match (applied["published"] == true, dry_run) {
        (true, false) => ", published",
        (true, true) => ", would be published",
        _ => "",
    };
    let id = applied["workflow"]["id"]
        .as_str()
        .map(|id| format!(" {id}"));
    let mut text = format!(
        "{}: {done}{published}{}\n",
        path.display(),
        id.unwrap_or_default()
    );
    if outcome == "CHANGED" || dry_run {
        text.push_str(&difference(&applied["diff"]));
    }
    text
}

fn difference(diff: &Value) -> String {
    let mut text = String::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let changed = |what: &str, value: &Value| {
        let path: Vec<_> = value["path"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        format!(
            "  ~ {what}.{}: {} → {}\n",
            path.join("."),
            value["before"],
            value["after"]
        )
    };
    for node in list(&diff["nodes"]) {
        let key = node["nodeKey"].as_str().unwrap_or_default();
        match sign(&node["change"]) {
            '~' => list(&node["values"])
                .iter()
                .for_each(|value| text.push_str(&changed(key, value))),
            sign => text.push_str(&format!("  {sign} {key}\n")),
        }
    }
    for value in list(&diff["settings"]) {
        text.push_str(&changed("settings", &value));
    }
    for edge in list(&diff["edges"]) {
        let part = |name: &str| edge[name].as_str().unwrap_or_default().to_owned();
        text.push_str(&format!(
            "  {} {}.{} → {}.{}\n",
            sign(&edge["change"]),
            part("from"),
            part("fromPort"),
            part("to"),
            part("toPort")
        ));
    }
    text
}

fn sign(change: &Value) -> char {
    match change.as_str() {
        Some("ADDED") => '+',
        Some("REMOVED") => '-',
        _ => '~',
    }
}

fn complaints(path: &Path, applied: &Value) -> String {
    let errors = applied["userErrors"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let line = |error: &Value| {
        let field: Vec<_> = error["field"]
            .as_array()
            .into_iter()
            .flatten()
            .skip(1)
            .filter_map(Value::as_str)
            .collect();
        let (code, message) = (error["code"].as_str(), error["message"].as_str());
        format!(
            "{}: {} ({}): {}\n",
            path.display(),
            field.join("."),
            code.unwrap_or_default(),
            message.unwrap_or_default()
        )
    };
    errors.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_different_is_told_in_lines() {
        let applied = json!({
            "workflow": {"id": "wf_1"}, "published": true,
            "diff": {
                "nodes": [
                    {"nodeKey": "a", "change": "ADDED", "values": []},
                    {"nodeKey": "b", "change": "CHANGED", "values": [{"path": ["config", "url"], "before": "x", "after": null}]},
                ],
                "edges": [{"change": "REMOVED", "from": "a", "fromPort": "data-out", "to": "b", "toPort": "data-in"}],
            },
        });
        insta::assert_snapshot!(told(Path::new("f.yaml"), "CHANGED", &applied, true), @r#"
        f.yaml: would be changed, would be published wf_1
          + a
          ~ b.config.url: "x" → null
          - a.data-out → b.data-in
        "#);
        insta::assert_snapshot!(told(Path::new("f.yaml"), "UNCHANGED", &json!({}), false), @"f.yaml: unchanged");
    }
}
