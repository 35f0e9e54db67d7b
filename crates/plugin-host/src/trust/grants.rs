use std::collections::BTreeSet;
use std::fmt;

use jackfield_plugin_abi::messages::Manifest;
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
    /// What a manifest asks for. Without `hosts` those are the hosts of its providers.
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
        let hosts = manifest.hosts.clone().unwrap_or_else(of_providers);
        Ok(Self {
            hosts: hosts
                .iter()
                .map(|host| host.parse())
                .collect::<Result<_, _>>()?,
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

#[cfg(test)]
mod tests {
    use super::*;

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
