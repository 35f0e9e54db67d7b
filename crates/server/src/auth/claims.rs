use jackfield_storage::Timestamp;
use serde_json::{Map, Value};

use super::AuthError;

/// How far the clocks of the issuer and of this server may differ, in seconds.
const LEEWAY: i64 = 30;

/// The claims of a token whose signature was verified (RFC 7519 §4).
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Wraps the payload of a token.
    pub fn new(payload: Map<String, Value>) -> Self {
        Self(payload)
    }

    /// Checks `iss`, `aud`, `exp`, `nbf` and `iat`; `exp` must be there.
    ///
    /// # Errors
    ///
    /// With what does not fit.
    pub fn check(&self, issuer: &str, audience: &str, now: Timestamp) -> Result<(), AuthError> {
        let now = now.as_micros() / 1_000_000;
        if self.text("iss") != Some(issuer) {
            return Err(AuthError::Token("its issuer is not the expected one"));
        }
        if !self.has_audience(audience) {
            return Err(AuthError::Token("it is meant for another audience"));
        }
        let expires = self
            .seconds("exp")
            .ok_or(AuthError::Token("it does not say when it expires"))?;
        if now >= expires.saturating_add(LEEWAY) {
            return Err(AuthError::Token("it has expired"));
        }
        let begins = |name| {
            self.0
                .get(name)
                .map(|_| self.seconds(name).unwrap_or(i64::MAX))
        };
        if [begins("nbf"), begins("iat")]
            .into_iter()
            .flatten()
            .any(|begin| begin.saturating_sub(LEEWAY) > now)
        {
            return Err(AuthError::Token("it is not valid yet"));
        }
        Ok(())
    }

    /// A claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim by its path, with dots between members. A member whose own name has dots is found too.
    pub fn at(&self, path: &str) -> Option<&Value> {
        find(&self.0, path)
    }

    fn has_audience(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(many)) => many.iter().any(|one| one.as_str() == Some(audience)),
            _ => false,
        }
    }

    /// A NumericDate, which may have a fraction (RFC 7519 §2).
    fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        // The cast saturates, and whole seconds are all that is compared.
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }
}

fn find<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let inner = object.get(&path[..at])?.as_object()?;
        find(inner, &path[at + 1..])
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(payload: Value) -> Result<(), String> {
        let Value::Object(payload) = payload else {
            unreachable!()
        };
        let now = Timestamp::from_micros(1_000_000_000_000);
        Claims::new(payload)
            .check("https://issuer", "jackfield", now)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn accepts_what_fits() {
        assert_eq!(
            check(
                json!({"iss": "https://issuer", "aud": ["x", "jackfield"], "exp": 1_000_010, "nbf": 1_000_020})
            ),
            Ok(())
        );
        assert_eq!(
            check(json!({"iss": "https://issuer", "aud": "jackfield", "exp": 999_980.5})),
            Ok(())
        );
    }

    #[test]
    fn refuses_what_does_not() {
        let cases = [
            json!({"iss": "https://other", "aud": "jackfield", "exp": 1_000_010}),
            json!({"iss": "https://issuer", "aud": "jackfield2", "exp": 1_000_010}),
            json!({"iss": "https://issuer", "exp": 1_000_010}),
            json!({"iss": "https://issuer", "aud": "jackfield"}),
            json!({"iss": "https://issuer", "aud": "jackfield", "exp": "1000010"}),
            json!({"iss": "https://issuer", "aud": "jackfield", "exp": 999_970}),
            json!({"iss": "https://issuer", "aud": "jackfield", "exp": 1_000_010, "nbf": 1_000_031}),
            json!({"iss": "https://issuer", "aud": "jackfield", "exp": 1_000_010, "nbf": "soon"}),
        ];
        let refusals: Vec<_> = cases
            .into_iter()
            .map(|case| check(case).unwrap_err())
            .collect();
        insta::assert_snapshot!(refusals.join("\n"), @r"
        This token is not accepted: its issuer is not the expected one.
        This token is not accepted: it is meant for another audience.
        This token is not accepted: it is meant for another audience.
        This token is not accepted: it does not say when it expires.
        This token is not accepted: it does not say when it expires.
        This token is not accepted: it has expired.
        This token is not accepted: it is not valid yet.
        This token is not accepted: it is not valid yet.
        ");
    }

    #[test]
    fn finds_claims_by_path() {
        let Value::Object(payload) = json!({"a": {"b": [1]}, "https://example.com/role": "admin"})
        else {
            unreachable!()
        };
        let claims = Claims::new(payload);
        assert_eq!(claims.at("a.b"), Some(&json!([1])));
        assert_eq!(claims.at("https://example.com/role"), Some(&json!("admin")));
        assert_eq!(claims.at("a.c"), None);
    }
}
