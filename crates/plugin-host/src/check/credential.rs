//! The credentials of the played world.

use std::collections::BTreeMap;

use jackfield_plugin_abi::messages::{Manifest, capability};
use serde_json::Value;

use super::sample::make_up;

/// What a plugin is shown of them, by the names of their members: nothing where its manifest does not ask to see it, otherwise a
/// text for every member of every scheme. They are made up, so that revealing them harms nobody.
pub(super) fn revealed(manifest: &Manifest) -> Option<BTreeMap<String, String>> {
    let mut asked = manifest.capabilities.iter();
    asked.find(|asked| *asked == capability::SECRET_REVEAL)?;
    let schemes = manifest.providers.iter().flat_map(|of| &of.schemes);
    let members = schemes.filter_map(|scheme| {
        let members = scheme.schema.get("properties")?.as_object()?;
        Some(members.iter().map(|(name, member)| {
            let text = match make_up(member, &scheme.schema, false, 1) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            (name.clone(), text)
        }))
    });
    Some(members.flatten().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_are_made_up_for_whom_asks_to_see_them() {
        let manifest = |capabilities: Value| -> Manifest {
            let scheme = json!({"scheme": "token", "title": "Token", "injection": [], "schema": {"properties": {
                "account": {"type": "string", "examples": ["AC0123"]}, "token": {"type": "string", "minLength": 8},
            }}});
            let provider =
                json!({"name": "acme", "title": "Acme", "hosts": [], "schemes": [scheme]});
            let manifest = json!({"name": "acme", "version": "1.0.0", "providers": [provider], "capabilities": capabilities});
            serde_json::from_value(manifest).unwrap()
        };
        let shown = revealed(&manifest(json!(["secret.reveal"]))).unwrap();
        let shown: Vec<_> = shown
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(shown, [("account", "AC0123"), ("token", "checkxxx")]);
        assert_eq!(revealed(&manifest(json!([]))), None);
    }
}
