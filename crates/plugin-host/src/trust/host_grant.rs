use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A host that a plugin may reach: `api.example.com`, `*.example.com` (any name below it), an address, or `*` for any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum HostGrant {
    /// Any host.
    Any,
    /// Every name below this one, not the name itself.
    Below(String),
    /// This name or address.
    Exactly(String),
}

/// A text that names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no host; a host is like api.example.com, *.example.com or *")]
pub struct BadHost(String);

impl HostGrant {
    /// Whether a request to this URL is within the grant. Credentials are bound more narrowly, by their provider.
    pub fn admits(&self, url: &Url) -> bool {
        match (self, url.host()) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::Exactly(name), Some(host)) => host.to_string() == *name,
            (Self::Below(name), Some(Host::Domain(host))) => is_below(host, name),
            (Self::Below(_), Some(_)) => false,
        }
    }

    /// Whether everything that `other` admits is within this grant.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Below(name), Self::Below(other)) => other == name || is_below(other, name),
            (Self::Below(name), Self::Exactly(other)) => {
                matches!(Host::parse(other), Ok(Host::Domain(_))) && is_below(other, name)
            }
            (Self::Exactly(name), Self::Exactly(other)) => name == other,
            _ => false,
        }
    }
}

fn is_below(host: &str, name: &str) -> bool {
    let rest = host.strip_suffix(name);
    rest.is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

impl FromStr for HostGrant {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        let bad = || BadHost(text.to_owned());
        if text == "*" {
            return Ok(Self::Any);
        }
        let (name, below) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        if name.contains('*') || name.split('.').any(|label| label.is_empty() && !below) {
            return Err(bad());
        }
        match (Host::parse(name).map_err(|_| bad())?, below) {
            (Host::Domain(name), true) if name.contains('.') && !name.ends_with('.') => {
                Ok(Self::Below(name))
            }
            (_, true) => Err(bad()),
            (host, false) => Ok(Self::Exactly(host.to_string())),
        }
    }
}

impl fmt::Display for HostGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Exactly(name) => f.write_str(name),
        }
    }
}

impl TryFrom<String> for HostGrant {
    type Error = BadHost;

    fn try_from(text: String) -> Result<Self, BadHost> {
        text.parse()
    }
}

impl From<HostGrant> for String {
    fn from(host: HostGrant) -> Self {
        host.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> HostGrant {
        text.parse().unwrap()
    }

    #[test]
    fn a_grant_admits_no_more_than_it_says() {
        let admits = |grant: &str, url: &str| host(grant).admits(&url.parse().unwrap());
        assert!(admits(
            "api.acme.example",
            "https://API.acme.example:8443/v1"
        ));
        assert!(admits("api.acme.example", "http://api.acme.example/"));
        assert!(!admits("api.acme.example", "https://acme.example/"));
        assert!(!admits("api.acme.example", "https://xapi.acme.example/"));
        assert!(!admits(
            "api.acme.example",
            "https://api.acme.example.evil.example/"
        ));
        assert!(!admits(
            "api.acme.example",
            "https://api.acme.example@evil.example/"
        ));
        assert!(!admits("api.acme.example", "https://api.acme.example./"));
        assert!(admits("*.acme.example", "https://eu.api.acme.example/"));
        assert!(!admits("*.acme.example", "https://acme.example/"));
        assert!(!admits("*.acme.example", "https://evilacme.example/"));
        assert!(!admits("*.acme.example", "https://.acme.example/"));
        assert!(admits("127.0.0.1", "http://127.0.0.1:9/"));
        assert!(admits("127.0.0.1", "http://0x7f.1/"));
        assert!(!admits("127.0.0.1", "http://127.0.0.2/"));
        assert!(admits("[::1]", "http://[::1]/"));
        assert!(admits("localhost", "http://localhost:8080/"));
        assert!(admits("*", "http://10.0.0.1/"));
    }

    #[test]
    fn a_grant_covers_what_is_no_wider() {
        let covers = |grant: &str, other: &str| host(grant).covers(&host(other));
        assert!(covers("*", "*.acme.example"));
        assert!(covers("*.acme.example", "*.acme.example"));
        assert!(covers("*.acme.example", "*.eu.acme.example"));
        assert!(covers("*.acme.example", "api.acme.example"));
        assert!(!covers("*.acme.example", "acme.example"));
        assert!(!covers("*.acme.example", "*"));
        assert!(!covers("api.acme.example", "*.api.acme.example"));
        assert!(covers("api.acme.example", "API.acme.example"));
    }

    #[test]
    fn what_names_no_host_is_refused() {
        let bad = [
            "",
            "https://acme.example",
            "acme.example/x",
            "*.example",
            "a..b",
            "api.*.example",
            "acme.example:443",
            "*.",
            "**",
            "a b",
        ];
        for text in bad {
            assert!(text.parse::<HostGrant>().is_err(), "{text}");
        }
        insta::assert_snapshot!("https://x".parse::<HostGrant>().unwrap_err(), @r#""https://x" names no host; a host is like api.example.com, *.example.com or *"#);
    }
}
