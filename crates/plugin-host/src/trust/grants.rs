use std::collections::BTreeSet;
use std::fmt;

use jackfield_plugin_abi::messages::{Injection, Manifest};
use url::Url;

use super::{BadHost, HostGrant};

/// Hosts and capabilities: what a plugin asks for, or what of it is granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// The hosts that its requests go to.
    pub hosts: BTreeSet<HostGrant>,
    /// What it does beyond the usual, such as `secret.reveal`.
    pub capabilities: BTreeSet<String>,
}

impl Wants {
    /// What a manifest asks for. Without `hosts` those are the hosts of its providers. The hosts from which the host itself gets
    /// tokens for it are asked for as well.
    ///
    /// # Errors
    /// When it names a host that is none.
    pub fn of(manifest: &Manifest) -> Result<Self, BadHost> {
        let of_providers = || {
            let hosts = manifest
                .providers
                .iter()
                .flat_map(|provider| &provider.hosts);
            hosts.cloned().collect::<Vec<_>>()
        };
        let named = manifest.hosts.clone().unwrap_or_else(of_providers);
        let named: Result<BTreeSet<HostGrant>, _> = named.iter().map(|host| host.parse()).collect();
        let mut hosts = named?;
        for host in token_hosts(manifest) {
            if !hosts.iter().any(|named| named.covers(&host)) {
                hosts.insert(host);
            }
        }
        Ok(Self {
            hosts,
            capabilities: manifest.capabilities.iter().cloned().collect(),
        })
    }

    /// What of this is not within `granted`.
    pub fn beyond(&self, granted: &Self) -> Self {
        let covered = |host: &&HostGrant| !granted.hosts.iter().any(|grant| grant.covers(host));
        Self {
            hosts: self.hosts.iter().filter(covered).cloned().collect(),
            capabilities: &self.capabilities - &granted.capabilities,
        }
    }

    /// What of this still has to do with what is asked for.
    pub fn within(&self, asked: &Self) -> Self {
        let concerns = |grant: &&HostGrant| {
            let mut hosts = asked.hosts.iter();
            hosts.any(|host| host.covers(grant) || grant.covers(host))
        };
        Self {
            hosts: self.hosts.iter().filter(concerns).cloned().collect(),
            capabilities: &self.capabilities & &asked.capabilities,
        }
    }

    /// Both together.
    pub fn and(&self, other: &Self) -> Self {
        Self {
            hosts: &self.hosts | &other.hosts,
            capabilities: &self.capabilities | &other.capabilities,
        }
    }

    /// Whether it is nothing.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.capabilities.is_empty()
    }
}

/// For a sentence: `the hosts a.example, b.example and the capability secret.reveal`.
impl fmt::Display for Wants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |kind: &str, kinds: &str, names: Vec<String>| match names.as_slice() {
            [] => None,
            [one] => Some(format!("the {kind} {one}")),
            many => Some(format!("the {kinds} {}", many.join(", "))),
        };
        let hosts = self.hosts.iter().map(ToString::to_string).collect();
        let hosts = list("host", "hosts", hosts);
        let capabilities = self.capabilities.iter().cloned().collect();
        let capabilities = list("capability", "capabilities", capabilities);
        let parts: Vec<String> = hosts.into_iter().chain(capabilities).collect();
        match parts.is_empty() {
            true => f.write_str("nothing"),
            false => f.write_str(&parts.join(" and ")),
        }
    }
}

/// What an operator lets a plugin do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// The hosts and capabilities.
    pub granted: Wants,
    /// The name of the trusted key that signed it.
    pub signer: Option<String>,
    /// Whether the lock says so; otherwise the plugin has what it asked for, because unsigned plugins are allowed.
    pub recorded: bool,
}

impl Grants {
    /// Whether a request may go there, with or without a credential.
    pub fn admit(&self, url: &Url) -> bool {
        self.granted.hosts.iter().any(|host| host.admits(url))
    }

    /// Whether it has a capability.
    pub fn has(&self, capability: &str) -> bool {
        self.granted.capabilities.contains(capability)
    }
}

/// The hosts of the token endpoints that a manifest spells out. What takes them from a credential is granted by who fills that in.
fn token_hosts(manifest: &Manifest) -> impl Iterator<Item = HostGrant> {
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
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_abi::messages::{ProviderManifest, SchemeManifest};
    use serde_json::json;

    use super::*;

    #[test]
    fn who_has_tokens_fetched_asks_for_where_from() {
        let scheme = |token_url: &str| SchemeManifest {
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
        let asked = |hosts: &[&str], token_url: &str| {
            let provider = ProviderManifest {
                hosts: hosts.iter().map(ToString::to_string).collect(),
                schemes: vec![scheme(token_url)],
                ..ProviderManifest::default()
            };
            let manifest = Manifest {
                providers: vec![provider.into()],
                ..Manifest::default()
            };
            Wants::of(&manifest).unwrap().to_string()
        };
        let login = "https://login.acme.example/token";
        insta::assert_snapshot!(asked(&["api.acme.example"], login), @"the hosts api.acme.example, login.acme.example");
        insta::assert_snapshot!(asked(&["*.acme.example"], login), @"the host *.acme.example");
        insta::assert_snapshot!(asked(&["api.acme.example"], "{tokenUrl}"), @"the host api.acme.example");
    }

    fn wants(hosts: &[&str], capabilities: &[&str]) -> Wants {
        Wants {
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            capabilities: capabilities.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn only_what_is_not_granted_is_beyond() {
        let granted = wants(&["*.acme.example"], &[]);
        let asked = wants(&["api.acme.example", "evil.example"], &["secret.reveal"]);
        let beyond = asked.beyond(&granted);
        assert_eq!(beyond, wants(&["evil.example"], &["secret.reveal"]));
        assert!(asked.beyond(&granted.and(&beyond)).is_empty());
        insta::assert_snapshot!(beyond, @"the host evil.example and the capability secret.reveal");
        insta::assert_snapshot!(wants(&["a.example", "b.example"], &[]), @"the hosts a.example, b.example");
        insta::assert_snapshot!(Wants::default(), @"nothing");
    }
}
