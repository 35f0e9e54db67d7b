use jackfield_plugin_abi::messages::{Manifest, NodeManifest};
use serde_json::Value;

/// What of a manifest refers to something that is not there.
pub(super) fn mistakes(manifest: &Manifest) -> Vec<String> {
    let mut mistakes = Vec::new();
    for node in &manifest.nodes {
        options(node, &node.config_schema, &mut mistakes);
        let is_known = |name: &&String| {
            manifest
                .providers
                .iter()
                .any(|provider| provider.name == **name)
        };
        if let Some(provider) = node.provider.as_ref().filter(|name| !is_known(name)) {
            mistakes.push(format!(
                "{} needs the provider {provider}, which the plugin does not bring",
                node.node_type
            ));
        }
    }
    let texts = serde_json::to_value(manifest).unwrap_or_default();
    for (language, translations) in &manifest.locales {
        for key in translations
            .keys()
            .filter(|key| find(&texts, key).is_none())
        {
            mistakes.push(format!(
                "the translation {key} into {language} is of nothing"
            ));
        }
    }
    mistakes
}

/// Each field with options has a source of them.
fn options(node: &NodeManifest, schema: &Value, mistakes: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let source = members
                .get("x-jackfield")
                .and_then(|hints| hints.get("options")?.as_str());
            if let Some(source) =
                source.filter(|source| !node.option_sources.iter().any(|known| known == source))
            {
                let of = &node.node_type;
                mistakes.push(format!("a field of {of} has the options {source}, which nothing loads: add .options::<…>()"));
            }
            members
                .values()
                .for_each(|schema| options(node, schema, mistakes));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|schema| options(node, schema, mistakes)),
        _ => {}
    }
}

/// The text that a translation's key names: members by name, items of lists by their `type` or `name`, and fields of a
/// config below `config`.
fn find<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let (step, rest) = key.split_once('.').unwrap_or((key, ""));
    if step.is_empty() {
        return Some(value);
    }
    match value {
        Value::Array(items) => {
            let is_named = |item: &&Value| {
                ["type", "name", "scheme", "resourceType"]
                    .iter()
                    .any(|id| item[id] == step)
            };
            find(items.iter().find(is_named)?, rest)
        }
        _ if step == "config" => field(&value["configSchema"], rest),
        value => find(value.get(step)?, rest),
    }
}

/// A field of a config, also of one of its operations.
fn field<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let (name, rest) = key.split_once('.').unwrap_or((key, ""));
    let branches = schema["allOf"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|branch| &branch["then"]);
    let mut schemas = std::iter::once(schema).chain(branches);
    schemas.find_map(|schema| {
        let field = schema["properties"]
            .get(name)
            .filter(|field| field.is_object())?;
        find(field, rest)
    })
}
