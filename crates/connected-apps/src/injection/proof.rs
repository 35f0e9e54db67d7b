use aws_lc_rs::hmac;
use http::{HeaderMap, header::AUTHORIZATION};

/// What shows that who sends the access token of these headers knows the key as well: the token's HMAC-SHA256, in hex.
pub(super) fn of_token(headers: &HeaderMap, key: &str) -> Option<String> {
    let token = headers.get(AUTHORIZATION)?.as_bytes();
    let token = token.strip_prefix(b"Bearer ")?;
    if key.is_empty() {
        return None;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    Some(hex::encode(hmac::sign(&key, token)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn proof(authorization: &'static str, key: &str) -> Option<String> {
        let value = HeaderValue::from_static(authorization);
        of_token(&HeaderMap::from_iter([(AUTHORIZATION, value)]), key)
    }

    /// As facebook_business 26.0.3, an SDK of Meta's, computes it.
    #[test]
    fn a_token_is_proven_with_a_secret() {
        assert_eq!(
            proof("Bearer EAA-token-of-the-page", "secret of the app at Meta").as_deref(),
            Some("6a581567d9da07cc935ea3aaafe9c6ef74f5880a2786eee9c0db261da3014768")
        );
    }

    #[test]
    fn without_token_or_secret_there_is_no_proof() {
        assert_eq!(proof("Bearer EAA-token-of-the-page", ""), None);
        assert_eq!(proof("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "secret"), None);
        assert_eq!(of_token(&HeaderMap::new(), "secret"), None);
    }
}
