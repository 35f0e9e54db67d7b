use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::AuthError;

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1); `None` when there is no such header.
///
/// # Errors
///
/// When the header has another scheme.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, AuthError> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| AuthError::NoBearer)?.trim();
    match text.split_once(' ') {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() =>
        {
            Ok(Some(token.trim()))
        }
        // GraphiQL's header editor starts with an empty token.
        None if text.eq_ignore_ascii_case("bearer") => Ok(None),
        _ => Err(AuthError::NoBearer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_token_and_nothing_else() {
        let mut headers = HeaderMap::new();
        assert_eq!(bearer(&headers).unwrap(), None);
        headers.insert(AUTHORIZATION, "bearer abc".parse().unwrap());
        assert_eq!(bearer(&headers).unwrap(), Some("abc"));
        headers.insert(AUTHORIZATION, "Basic abc".parse().unwrap());
        assert!(bearer(&headers).is_err());
    }
}
