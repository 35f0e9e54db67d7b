//! What an administrator sets for an app beside its credentials.

use std::collections::BTreeMap;

use jackfield_egress::{Egress, ErrorCode};
use jackfield_storage::{Json, Problem, ProblemCode};
use serde_json::{Map, Value};
use url::{Origin, Url};

const FIELD: &str = "settings";
/// Origins of the provider and where requests to them really go.
const ORIGINS: &str = "origins";
/// Hosts that the credentials may be sent to, further than the provider's manifest narrows them.
const HOSTS: &str = "hosts";

/// The settings of an app: those that the host acts on, and those that it hands to the plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    origins: BTreeMap<String, Url>,
    hosts: Option<Vec<String>>,
    whole: Map<String, Value>,
}

impl Settings {
    /// Reads what was entered. Nothing entered is no settings.
    pub fn parse(given: Value) -> Result<Self, Vec<Problem>> {
        let whole = match given {
            Value::Null => Map::new(),
            Value::Object(members) => members,
            _ => return Err(vec![invalid(&[], "the settings must be an object")]),
        };
        let mut problems = Vec::new();
        let origins = whole
            .get(ORIGINS)
            .map(|value| origins(value, &mut problems))
            .unwrap_or_default();
        let hosts = whole.get(HOSTS).map(|value| hosts(value, &mut problems));
        if problems.is_empty() {
            Ok(Self {
                origins,
                hosts,
                whole,
            })
        } else {
            Err(problems)
        }
    }

    /// The problems of the origins that this server must not reach.
    pub fn check_reach(&self, egress: &Egress) -> Result<(), Vec<Problem>> {
        let problems: Vec<_> = self
            .origins
            .iter()
            .filter_map(|(from, to)| egress.check_url(to).err().map(|error| (from, error)))
            .map(|(from, error)| {
                let code = match error.code() {
                    ErrorCode::ForbiddenAddress => ProblemCode::ForbiddenAddress,
                    _ => ProblemCode::Invalid,
                };
                Problem::new([FIELD, ORIGINS, from], code, error.to_string())
            })
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The settings as they were entered, to be stored and shown.
    pub fn to_json(&self) -> Json {
        Json::from(Value::Object(self.whole.clone()))
    }

    /// The settings that are the plugin's business.
    pub fn for_plugin(&self) -> Map<String, Value> {
        let own = |name: &str| name == ORIGINS || name == HOSTS;
        self.whole
            .iter()
            .filter(|(name, _)| !own(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The hosts that the administrator restricted the credentials to.
    pub fn hosts(&self) -> Option<&[String]> {
        self.hosts.as_deref()
    }

    /// `url` at the origin that the administrator put in the place of its own.
    pub fn rewrite(&self, mut url: Url) -> Url {
        let Some(target) = self.origins.get(&url.origin().ascii_serialization()) else {
            return url;
        };
        let set = url.set_scheme(target.scheme()).and_then(|()| {
            url.set_host(target.host_str()).map_err(|_| ())?;
            url.set_port(target.port())
        });
        debug_assert!(set.is_ok(), "both are http or https with a host");
        url
    }
}

fn origins(value: &Value, problems: &mut Vec<Problem>) -> BTreeMap<String, Url> {
    let Value::Object(members) = value else {
        problems.push(invalid(
            &[ORIGINS],
            "must be an object from origin to origin",
        ));
        return BTreeMap::new();
    };
    let mut origins = BTreeMap::new();
    for (from, to) in members {
        match (origin(from), to.as_str().and_then(origin)) {
            (Some(source), Some(target)) => {
                origins.insert(source.origin().ascii_serialization(), target);
            }
            _ => problems.push(invalid(
                &[ORIGINS, from],
                "both sides must be origins such as https://api.example.com or http://127.0.0.1:12111, without a path",
            )),
        }
    }
    origins
}

fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    let http =
        matches!(url.scheme(), "http" | "https") && matches!(url.origin(), Origin::Tuple(..));
    (bare && http).then_some(url)
}

fn hosts(value: &Value, problems: &mut Vec<Problem>) -> Vec<String> {
    let list: Option<Vec<String>> = value.as_array().and_then(|items| {
        items
            .iter()
            .map(|item| item.as_str().map(str::to_ascii_lowercase))
            .collect()
    });
    match list {
        Some(hosts) if hosts.iter().all(|host| is_pattern(host)) => hosts,
        _ => {
            problems.push(invalid(
                &[HOSTS],
                "must be a list of hosts such as api.example.com or *.example.com",
            ));
            Vec::new()
        }
    }
}

fn is_pattern(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    !name.is_empty() && !name.contains(['/', ':', '*', '@', ' '])
        || name.starts_with('[') && name.ends_with(']')
}

fn invalid(path: &[&str], message: &str) -> Problem {
    Problem::new([FIELD].iter().chain(path), ProblemCode::Invalid, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rewritten(url: &str) -> String {
        let settings = json!({"origins": {
            "https://api.stripe.com": "http://127.0.0.1:12111",
            "https://files.stripe.com:443": "https://files.example.com",
        }});
        Settings::parse(settings)
            .unwrap()
            .rewrite(url.parse().unwrap())
            .into()
    }

    #[test]
    fn an_origin_is_exchanged_and_the_rest_of_the_url_stays() {
        assert_eq!(
            rewritten("https://api.stripe.com/v1/charges?a=b#c"),
            "http://127.0.0.1:12111/v1/charges?a=b#c"
        );
        assert_eq!(
            rewritten("https://files.stripe.com/x"),
            "https://files.example.com/x"
        );
    }

    #[test]
    fn other_origins_stay() {
        for url in [
            "http://api.stripe.com/",
            "https://api.stripe.com:8443/",
            "https://api.stripe.com.example/",
        ] {
            assert_eq!(rewritten(url), url);
        }
    }

    #[test]
    fn the_plugin_sees_its_own_settings_only() {
        let given = json!({"apiVersion": "2026", "origins": {}, "hosts": ["api.example.com"]});
        let settings = Settings::parse(given.clone()).unwrap();

        assert_eq!(
            Value::Object(settings.for_plugin()),
            json!({"apiVersion": "2026"})
        );
        assert_eq!(settings.to_json().value(), given);
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let problems = Settings::parse(json!({
            "origins": {"https://api.stripe.com/v1": "http://127.0.0.1:1", "https://a.example": 5, "ftp://a.example": "http://b.example"},
            "hosts": ["https://a.example"],
        }));
        let said: Vec<_> = problems
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();

        insta::assert_debug_snapshot!(said, @r#"
        [
            "settings.origins.https://api.stripe.com/v1: both sides must be origins such as https://api.example.com or http://127.0.0.1:12111, without a path",
            "settings.origins.https://a.example: both sides must be origins such as https://api.example.com or http://127.0.0.1:12111, without a path",
            "settings.origins.ftp://a.example: both sides must be origins such as https://api.example.com or http://127.0.0.1:12111, without a path",
            "settings.hosts: must be a list of hosts such as api.example.com or *.example.com",
        ]
        "#);
    }
}
