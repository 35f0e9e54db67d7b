//! The hosts that a provider's credentials may go to.

use url::{Host, Url};

/// A host in a manifest: `api.example.com`, `*.example.com` (any name below it), or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HostPattern<'a> {
    Any,
    Below(&'a str),
    Exactly(&'a str),
}

impl<'a> HostPattern<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let (name, pattern) = match text.strip_prefix("*.") {
            Some(name) => (name, Self::Below(name)),
            None => (text, Self::Exactly(text)),
        };
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let label = |label: &str| !label.is_empty() && label.chars().all(letter);
        (name.contains('.') && name.split('.').all(label)).then_some(pattern)
    }

    /// Whether a credential may go there. A named host is reached by https only; where any host may be, it is the
    /// person who connects the app who decides.
    pub(crate) fn admits(&self, url: &Url) -> bool {
        let Some(Host::Domain(host)) = url.host() else {
            return *self == Self::Any;
        };
        let named = match self {
            Self::Any => return true,
            Self::Exactly(name) => host == *name,
            Self::Below(name) => host
                .strip_suffix(name)
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        };
        named && url.scheme() == "https"
    }
}

/// Whether any of the patterns admits a URL.
pub(crate) fn admit(patterns: &[String], url: &Url) -> bool {
    let parsed = patterns.iter().filter_map(|text| HostPattern::parse(text));
    parsed.into_iter().any(|pattern| pattern.admits(url))
}

/// The same for patterns that name a host only.
pub(crate) fn admit_by_name(patterns: &[String], url: &Url) -> bool {
    let parsed = patterns.iter().filter_map(|text| HostPattern::parse(text));
    let mut named = parsed.filter(|pattern| *pattern != HostPattern::Any);
    named.any(|pattern| pattern.admits(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_admits_no_more_than_it_says() {
        let admits = |pattern: &str, url: &str| admit(&[pattern.to_owned()], &url.parse().unwrap());
        assert!(admits("api.acme.example", "https://api.acme.example/v1"));
        assert!(admits("api.acme.example", "https://API.acme.example:8443/"));
        assert!(!admits("api.acme.example", "http://api.acme.example/"));
        assert!(!admits(
            "api.acme.example",
            "https://api.acme.example.evil.example/"
        ));
        assert!(!admits("api.acme.example", "https://xapi.acme.example/"));
        assert!(admits("*.acme.example", "https://eu.api.acme.example/"));
        assert!(!admits("*.acme.example", "https://acme.example/"));
        assert!(!admits("*.acme.example", "https://.acme.example/"));
        assert!(!admits("*.acme.example", "https://evilacme.example/"));
        assert!(admits("*", "http://127.0.0.1/"));
        assert!(!admits("127.0.0.1", "https://127.0.0.1/"));
    }

    #[test]
    fn a_redirect_is_admitted_by_name_only() {
        let admits =
            |pattern: &str, url: &str| admit_by_name(&[pattern.to_owned()], &url.parse().unwrap());
        assert!(admits("files.acme.example", "https://files.acme.example/"));
        assert!(!admits("*", "https://files.acme.example/"));
    }
}
