use jackfield_plugin_abi::messages::{Injection, Manifest, ProviderManifest};
use serde_json::Value;
use url::Url;

use super::catalogue::{HOSTS, PROVIDER, TEXTS, VERSION};
use super::node::invalid;
use super::report::Verdict::{self, Fail, Pass, Warn};
use super::suite::Suite;
use crate::trust::{HostGrant, Wants};

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
    if let Some(missing) = token_host_that_is_missing(manifest) {
        return Fail(format!(
            "tokens are fetched from {missing}, which is not among them"
        ));
    }
    match (hosts.contains(&"*"), hosts.is_empty()) {
        (true, _) => Warn("it wants to reach any host (*)".into()),
        (false, true) => Pass("it reaches no host".into()),
        (false, false) => Pass(hosts.join(", ")),
    }
}

/// A token endpoint that the manifest spells out and does not ask to reach.
fn token_host_that_is_missing(manifest: &Manifest) -> Option<HostGrant> {
    let asked = Wants::of(manifest).ok()?.hosts;
    let schemes = manifest
        .providers
        .iter()
        .flat_map(|provider| &provider.schemes);
    let injections = schemes.flat_map(|scheme| &scheme.injection);
    let urls = injections.flat_map(|injection| match injection {
        Injection::OAuth2ClientCredentials { token_url, .. }
        | Injection::JwtBearer { token_url, .. } => [Some(token_url), None],
        Injection::OAuth2AuthorizationCode {
            token_url,
            revoke_url,
            ..
        } => [Some(token_url), revoke_url.as_ref()],
        _ => [None, None],
    });
    urls.flatten()
        .filter(|url| !url.contains('{'))
        .filter_map(|url| Url::parse(url).ok()?.host_str()?.parse().ok())
        .find(|host: &HostGrant| !asked.iter().any(|asked| asked.covers(host)))
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

#[cfg(test)]
mod tests {
    use jackfield_plugin_abi::messages::SchemeManifest;
    use serde_json::json;

    use super::*;

    fn asked(host: &str, token_url: &str) -> Option<String> {
        let scheme = SchemeManifest {
            scheme: "oauth2".to_owned(),
            title: "OAuth".to_owned(),
            schema: json!({}),
            injection: vec![Injection::OAuth2ClientCredentials {
                token_url: token_url.to_owned(),
                client_id: "{clientId}".to_owned(),
                client_secret: "{clientSecret}".to_owned(),
                scope: String::new(),
            }],
        };
        let provider = ProviderManifest {
            hosts: vec![host.to_owned()],
            schemes: vec![scheme],
            ..ProviderManifest::default()
        };
        let manifest = Manifest {
            providers: vec![provider.into()],
            ..Manifest::default()
        };
        token_host_that_is_missing(&manifest).map(|host| host.to_string())
    }

    #[test]
    fn where_tokens_come_from_is_asked_for() {
        let login = "https://login.acme.example/token";
        let missing = asked("api.acme.example", login);
        assert_eq!(missing.as_deref(), Some("login.acme.example"));
        assert_eq!(asked("*.acme.example", login), None);
        assert_eq!(asked("api.acme.example", "{tokenUrl}"), None);
    }
}
