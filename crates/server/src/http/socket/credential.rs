use serde_json::Value;

/// The token in the payload of `connection_init`: a member `Authorization` in any case, at the top or within `headers`.
pub fn token(payload: &Value) -> Option<&str> {
    let payload = payload.as_object()?;
    let value = find(payload).or_else(|| find(payload.get("headers")?.as_object()?))?;
    let (scheme, token) = value.trim().split_once(' ').unwrap_or(("Bearer", value));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn find(object: &serde_json::Map<String, Value>) -> Option<&str> {
    let entry = object
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
    entry.1.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_the_token_where_clients_put_it() {
        assert_eq!(token(&json!({"Authorization": "Bearer abc"})), Some("abc"));
        assert_eq!(
            token(&json!({"headers": {"authorization": "bearer abc"}})),
            Some("abc")
        );
        assert_eq!(token(&json!({"authorization": "abc"})), Some("abc"));
        assert_eq!(token(&json!({"authorization": "Basic abc"})), None);
        assert_eq!(token(&json!({"other": 1})), None);
        assert_eq!(token(&json!([])), None);
    }
}
