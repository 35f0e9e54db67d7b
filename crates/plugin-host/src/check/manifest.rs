use jackfield_plugin_abi::messages::{Manifest, ProviderManifest};
use serde_json::Value;

use super::catalogue::{HOSTS, PROVIDER, TEXTS, VERSION};
use super::node::invalid;
use super::report::Verdict::{self, Fail, Pass, Warn};
use super::suite::Suite;

/// What the manifest says, beyond being one.
pub(super) fn check(suite: &mut Suite<'_>, manifest: &Manifest) {
    suite.note(&VERSION, "", version(&manifest.version));
    suite.note(&TEXTS, "", texts(manifest));
    suite.note(&HOSTS, "", hosts(manifest));
    for provider in &manifest.providers {
        suite.note(&PROVIDER, &provider.name, schemes(provider));
    }
}

/// SemVer 2.0.0, section 2, with the optional parts of sections 9 and 10.
fn version(version: &str) -> Verdict {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0'))
    };
    let parts: Vec<&str> = core.split('.').collect();
    match parts.len() == 3 && parts.iter().all(|part| number(part)) {
        true => Pass(version.to_owned()),
        false => Fail(format!("{version:?} is no SemVer version")),
    }
}

fn texts(manifest: &Manifest) -> Verdict {
    let mut missing = Vec::new();
    let mut look = |text: &str, of: String| {
        if text.trim().is_empty() {
            missing.push(of);
        }
    };
    look(&manifest.description, "the plugin".into());
    for node in &manifest.nodes {
        look(&node.description, format!("the node {}", node.node_type));
        for port in node.inputs.iter().chain(&node.outputs) {
            let of = format!("the port {} of {}", port.name, node.node_type);
            look(&port.description, of);
        }
    }
    for provider in &manifest.providers {
        look(
            &provider.description,
            format!("the provider {}", provider.name),
        );
    }
    match missing.is_empty() {
        true => Pass("everything is described".into()),
        false => Warn(format!("no description: {}", missing.join(", "))),
    }
}

fn hosts(manifest: &Manifest) -> Verdict {
    let of_providers = manifest
        .providers
        .iter()
        .flat_map(|provider| &provider.hosts);
    let hosts: Vec<&str> = match &manifest.hosts {
        Some(hosts) => hosts.iter().map(String::as_str).collect(),
        None => of_providers.map(String::as_str).collect(),
    };
    match (hosts.contains(&"*"), hosts.is_empty()) {
        (true, _) => Warn("it wants to reach any host (*)".into()),
        (false, true) => Pass("it reaches no host".into()),
        (false, false) => Pass(hosts.join(", ")),
    }
}

fn schemes(provider: &ProviderManifest) -> Verdict {
    let mut open = Vec::new();
    for scheme in &provider.schemes {
        if let Some(reason) = invalid(&scheme.schema) {
            return Fail(format!("the schema of {}: {reason}", scheme.scheme));
        }
        let properties = scheme.schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let marked = property.get("writeOnly") == Some(&Value::Bool(true));
            let lower = name.to_lowercase();
            let secret = ["secret", "token", "password", "key"];
            // `tokenUrl`, `keyId` and such name no secret.
            let told = secret.iter().any(|word| lower.ends_with(word));
            if told && !marked {
                open.push(format!("{}.{name}", scheme.scheme));
            }
        }
    }
    match open.is_empty() {
        true => Pass(format!("schemes: {}", provider.schemes.len())),
        false => Warn(format!(
            "looks like a secret, but is not writeOnly: {}",
            open.join(", ")
        )),
    }
}
