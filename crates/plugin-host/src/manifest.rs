//! What a plugin says about itself, taken at its word only after a check.

use std::collections::HashSet;

use jackfield_plugin_abi::frame::{Caps, Frame};
use jackfield_plugin_abi::messages::{
    HostInfo, Injection, Manifest, NodeManifest, Port, ProviderManifest, ResourceManifest, Trigger,
    capability,
};

use crate::hosts::HostPattern;
use crate::trust::Wants;

/// Most nodes, and most providers, of one plugin.
const MOST: usize = 1000;

/// Reads and checks a manifest; the error says which member is wrong.
pub(crate) fn read(frame: &[u8], caps: Caps, host: &HostInfo) -> Result<Manifest, String> {
    let frame = Frame::decode(frame, caps).map_err(|error| error.to_string())?;
    let manifest: Manifest = frame.parse().map_err(|error| error.to_string())?;
    check(&manifest, host)?;
    Ok(manifest)
}

pub(crate) fn check(manifest: &Manifest, host: &HostInfo) -> Result<(), String> {
    is_name("name", &manifest.name)?;
    if manifest.version.is_empty() {
        return Err("version is empty".into());
    }
    for feature in &manifest.requires {
        if !host.features.contains(feature) {
            return Err(format!(
                "it requires the feature {feature:?}, which this server does not have; a newer server may"
            ));
        }
    }
    for name in &manifest.capabilities {
        if !capability::ALL.contains(&name.as_str()) {
            return Err(format!(
                "it asks for the capability {name:?}, which this server does not know; a newer server may"
            ));
        }
    }
    for (member, count) in [
        ("nodes", manifest.nodes.len()),
        ("providers", manifest.providers.len()),
    ] {
        if count > MOST {
            return Err(format!("{member} has {count} members, {MOST} are allowed"));
        }
    }
    let mut seen = HashSet::new();
    for (index, node) in manifest.nodes.iter().enumerate() {
        let at = |error| format!("nodes[{index}].{error}");
        check_node(node).map_err(at)?;
        if !seen.insert(&node.node_type) {
            return Err(at(format!("type {:?} is there twice", node.node_type)));
        }
    }
    let mut seen = HashSet::new();
    for (index, provider) in manifest.providers.iter().enumerate() {
        let at = |error| format!("providers[{index}].{error}");
        check_provider(provider).map_err(at)?;
        if !seen.insert(&provider.name) {
            return Err(at(format!("name {:?} is there twice", provider.name)));
        }
    }
    Wants::of(manifest)
        .map(drop)
        .map_err(|bad| format!("hosts: {bad}"))
}

fn check_node(node: &NodeManifest) -> Result<(), String> {
    is_name("type", &node.node_type)?;
    if node.name.is_empty() {
        return Err("name is empty".into());
    }
    if !node.config_schema.is_object() {
        return Err("configSchema is no object".into());
    }
    if node.outputs.is_empty() {
        return Err("outputs is empty; a node needs a port to leave through".into());
    }
    check_trigger(node)?;
    check_ports("inputs", &node.inputs)?;
    check_ports("outputs", &node.outputs)
}

fn check_trigger(node: &NodeManifest) -> Result<(), String> {
    match &node.trigger {
        Some(Trigger::Unknown(kind)) => Err(format!(
            "trigger is {kind:?}, which this server does not know; it knows poll and webhook, a newer server may know more"
        )),
        Some(Trigger::Poll(poll)) if poll.interval_seconds == 0 => {
            Err("trigger.poll.intervalSeconds is 0; a poll needs time between two".into())
        }
        Some(Trigger::Poll(poll))
            if !(1..=poll.interval_seconds).contains(&poll.least_seconds()) =>
        {
            Err(format!(
                "trigger.poll.minIntervalSeconds is {}; it is 1 to intervalSeconds, {}",
                poll.least_seconds(),
                poll.interval_seconds
            ))
        }
        _ => Ok(()),
    }
}

fn check_resources(provider: &ProviderManifest) -> Result<(), String> {
    let mut seen = HashSet::new();
    for resource in &provider.resources {
        is_name("resources: resourceType", &resource.resource_type)?;
        if !seen.insert(&resource.resource_type) {
            return Err(format!("resources has {:?} twice", resource.resource_type));
        }
        check_pattern(resource)?;
    }
    Ok(())
}

fn check_pattern(resource: &ResourceManifest) -> Result<(), String> {
    let Some(pattern) = &resource.pattern else {
        return Ok(());
    };
    let schema = serde_json::json!({"pattern": pattern});
    match jsonschema::draft202012::new(&schema) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "resources: pattern of {:?} is {pattern:?}, which is no regular expression",
            resource.resource_type
        )),
    }
}

fn check_hosts<'a>(hosts: impl IntoIterator<Item = &'a String>) -> Result<(), String> {
    for host in hosts {
        if HostPattern::parse(host).is_none() {
            return Err(format!(
                "hosts has {host:?}; a host is like api.example.com, *.example.com or *"
            ));
        }
    }
    Ok(())
}

fn check_ports(member: &str, ports: &[Port]) -> Result<(), String> {
    let mut seen = HashSet::new();
    for port in ports {
        is_name(member, &port.name)?;
        if !seen.insert(&port.name) {
            return Err(format!("{member} has {:?} twice", port.name));
        }
    }
    Ok(())
}

fn check_provider(provider: &ProviderManifest) -> Result<(), String> {
    is_name("name", &provider.name)?;
    check_hosts(&provider.hosts)?;
    check_resources(provider)?;
    for scheme in &provider.schemes {
        if scheme.scheme.is_empty() {
            return Err("schemes has one without a name".into());
        }
        if !scheme.schema.is_object() {
            return Err(format!(
                "schemes: schema of {:?} is no object",
                scheme.scheme
            ));
        }
        for injection in &scheme.injection {
            if let Injection::Unknown { kind } = injection {
                return Err(format!(
                    "schemes: injection of {:?} has the kind {kind:?}, which this server does not know; it knows {}, a newer server may know more",
                    scheme.scheme,
                    Injection::KINDS.join(", ")
                ));
            }
        }
    }
    Ok(())
}

fn is_name(member: &str, name: &str) -> Result<(), String> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    if starts && name.len() <= 64 && name.chars().all(letter) {
        return Ok(());
    }
    Err(format!(
        "{member} is {name:?}; a name has lower case letters, digits, hyphens and underscores, begins with a letter and has at most 64"
    ))
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_abi::frame::encode;
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "name": "acme", "version": "1.0.0",
            "nodes": [{"type": "acme-send", "name": "Send", "category": "integration", "inputs": [{"name": "data-in"}],
                "outputs": [{"name": "data-out"}], "configSchema": {"type": "object"}}],
            "providers": [{"name": "acme", "title": "Acme", "hosts": ["api.acme.example"], "schemes": []}],
        })
    }

    fn verdict(change: impl FnOnce(&mut Value)) -> String {
        let mut manifest = good();
        change(&mut manifest);
        let frame = encode(&manifest, &[]).unwrap();
        match read(&frame, Caps::default(), &crate::library::host_info()) {
            Ok(manifest) => manifest.name,
            Err(error) => error,
        }
    }

    #[test]
    fn a_bad_member_is_named() {
        insta::assert_snapshot!(verdict(|_| ()), @"acme");
        insta::assert_snapshot!(verdict(|m| m["name"] = json!("Acme!")), @r#"name is "Acme!"; a name has lower case letters, digits, hyphens and underscores, begins with a letter and has at most 64"#);
        insta::assert_snapshot!(verdict(|m| m["version"] = json!("")), @"version is empty");
        insta::assert_snapshot!(verdict(|m| m["requires"] = json!(["teleport/1"])), @r#"it requires the feature "teleport/1", which this server does not have; a newer server may"#);
        insta::assert_snapshot!(verdict(|m| m["capabilities"] = json!(["secret.reveal", "file.read"])), @r#"it asks for the capability "file.read", which this server does not know; a newer server may"#);
        insta::assert_snapshot!(verdict(|m| m["hosts"] = json!(["api.acme.example/v1"])), @r#"hosts: "api.acme.example/v1" names no host; a host is like api.example.com, *.example.com or *"#);
        insta::assert_snapshot!(verdict(|m| m["nodes"][0]["trigger"] = json!({"tail": {"file": "x"}})), @r#"nodes[0].trigger is "tail", which this server does not know; it knows poll and webhook, a newer server may know more"#);
        insta::assert_snapshot!(verdict(|m| m["nodes"][0]["trigger"] = json!({"poll": {"intervalSeconds": 60}, "x": 1})), @"acme");
        insta::assert_snapshot!(verdict(|m| m["nodes"][0]["trigger"] = json!({"poll": {"intervalSeconds": 60, "minIntervalSeconds": 61}})), @"nodes[0].trigger.poll.minIntervalSeconds is 61; it is 1 to intervalSeconds, 60");
        insta::assert_snapshot!(verdict(|m| m["nodes"][0]["trigger"] = json!({"poll": {"intervalSeconds": 0}})), @"nodes[0].trigger.poll.intervalSeconds is 0; a poll needs time between two");
        insta::assert_snapshot!(verdict(|m| m["nodes"][0]["trigger"] = json!({"webhook": {}})), @"acme");
        insta::assert_snapshot!(verdict(|m| m["providers"][0]["resources"] = json!([{"resourceType": "list", "name": "List"}, {"resourceType": "list", "name": "Lists"}])), @r#"providers[0].resources has "list" twice"#);
        insta::assert_snapshot!(verdict(|m| m["providers"][0]["schemes"] = json!([{"scheme": "keys", "title": "Keys", "schema": {}, "injection": [{"kind": "aws_sigv4", "region": "eu"}]}])), @r#"providers[0].schemes: injection of "keys" has the kind "aws_sigv4", which this server does not know; it knows header, query, basic, oauth2_client_credentials, oauth2_authorization_code, jwt_bearer, token_proof, a newer server may know more"#);
        insta::assert_snapshot!(verdict(|m| m["providers"][0]["schemes"] = json!([{"scheme": "keys", "title": "Keys", "schema": {}, "injection": [{"kind": "header", "name": "x"}]}])), @"the frame's JSON part: missing field `value` at line 1 column 367");
        insta::assert_snapshot!(verdict(|m| m["nodes"][0]["configSchema"] = json!(1)), @"nodes[0].configSchema is no object");
        insta::assert_snapshot!(verdict(|m| m["nodes"][0]["outputs"] = json!([])), @"nodes[0].outputs is empty; a node needs a port to leave through");
        insta::assert_snapshot!(verdict(|m| { let node = m["nodes"][0].clone(); m["nodes"].as_array_mut().unwrap().push(node) }), @r#"nodes[1].type "acme-send" is there twice"#);
        insta::assert_snapshot!(verdict(|m| m["providers"][0]["hosts"] = json!(["https://x"])), @r#"providers[0].hosts has "https://x"; a host is like api.example.com, *.example.com or *"#);
        insta::assert_snapshot!(verdict(|m| m["nodes"] = json!({})), @"the frame's JSON part: invalid type: map, expected a sequence at line 1 column 41");
    }

    #[test]
    fn a_bad_frame_is_named() {
        let read = |bytes| read(bytes, Caps::default(), &crate::library::host_info()).unwrap_err();
        insta::assert_snapshot!(read(b""), @"the frame's JSON part: missing field `name` at line 1 column 2");
        insta::assert_snapshot!(read(b"junk"), @"the frame announces 8 bytes, 4 came");
        insta::assert_snapshot!(read(b"\xff\xff\xff\xff\0\0\0\0"), @"the frame's JSON part has 4294967295 bytes, 8388608 are allowed");
        insta::assert_snapshot!(read(b"\x02\0\0\0\0\0\0\0\xff\xff"), @"the frame's JSON part is not UTF-8");
    }
}
