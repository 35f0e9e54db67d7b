use serde::Deserialize;

/// Which pages of other origins may open a WebSocket or an event stream here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct AllowedOrigins {
    any: bool,
    origins: Vec<String>,
}

impl From<Vec<String>> for AllowedOrigins {
    fn from(list: Vec<String>) -> Self {
        Self {
            any: list.iter().any(|origin| origin == "*"),
            origins: list.iter().map(|origin| normalize(origin)).collect(),
        }
    }
}

impl AllowedOrigins {
    /// Adds the origin of a URL, such as the server's own.
    pub fn with(mut self, url: &str) -> Self {
        self.origins.push(normalize(url));
        self
    }

    /// Whether a request may come from this `Origin` (RFC 6454 §7), sent to this `Host`.
    ///
    /// A request without an origin does not come from a page in a browser and is allowed: it carries no
    /// credentials that somebody else could ride on.
    pub fn allows(&self, origin: Option<&str>, host: Option<&str>) -> bool {
        let Some(origin) = origin else { return true };
        if self.any {
            return true;
        }
        let origin = normalize(origin);
        let same_host = host.is_some_and(|host| {
            origin
                .split_once("://")
                .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        });
        same_host || self.origins.contains(&origin)
    }
}

fn normalize(origin: &str) -> String {
    url::Url::parse(origin).map_or_else(
        |_| origin.to_owned(),
        |url| url.origin().ascii_serialization(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_host_and_listed_origins_pass() {
        let origins = AllowedOrigins::from(vec!["https://app.example.com/".to_owned()]);
        assert!(origins.allows(None, Some("api.example.com")));
        assert!(origins.allows(Some("https://api.example.com"), Some("api.example.com")));
        assert!(origins.allows(Some("https://app.example.com"), Some("api.example.com")));
        assert!(!origins.allows(Some("https://evil.example"), Some("api.example.com")));
        assert!(!origins.allows(Some("null"), Some("api.example.com")));
    }

    #[test]
    fn a_star_allows_everything() {
        assert!(
            AllowedOrigins::from(vec!["*".to_owned()]).allows(Some("https://evil.example"), None)
        );
    }
}
