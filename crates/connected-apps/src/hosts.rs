//! The hosts to which an administrator restricts an app's credentials, beside those that its provider's manifest binds them
//! to.

use url::Url;

/// True when one of `patterns` covers the host of `url`: a name, or `*.name` for every name below it.
pub(crate) fn covered(patterns: &[String], url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    patterns.iter().any(|pattern| covers(pattern, host))
}

fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(parent) => host.len() > parent.len() && host.ends_with(parent),
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_covers_itself_and_a_star_what_is_below() {
        assert!(covers("api.example.com", "api.example.com"));
        assert!(!covers("api.example.com", "api.example.com.evil.example"));
        assert!(covers("*.example.com", "us1.example.com"));
        assert!(!covers("*.example.com", "example.com"));
        assert!(!covers("*.example.com", ".example.com"));
        assert!(!covers("*.example.com", "evilexample.com"));
        assert!(covers("127.0.0.1", "127.0.0.1"));
    }
}
