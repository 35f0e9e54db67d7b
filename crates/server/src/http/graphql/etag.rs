use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many bytes of the hash are enough to tell two answers apart.
const BYTES: usize = 18;

/// The entity tag of an answer (RFC 9110 §8.8.3). It is a weak one, because the answer may be sent compressed or as it is.
pub fn tag(answer: &[u8]) -> Option<HeaderValue> {
    let hash = digest(&SHA256, answer);
    let short = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..BYTES]);
    HeaderValue::try_from(format!("W/\"{short}\"")).ok()
}

/// Whether the client has this answer already (`If-None-Match`, RFC 9110 §13.1.2: compared weakly).
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str().map(opaque) else {
        return false;
    };
    let values = headers.get_all(IF_NONE_MATCH).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_knows_what_it_names() {
        let tag = tag(b"{}").unwrap();
        let known = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, value.try_into().unwrap());
            is_known(&headers, &tag)
        };
        let text = tag.to_str().unwrap();

        assert!(known(text) && known("*"));
        assert!(known(&format!(
            "\"other\", {}",
            text.trim_start_matches("W/")
        )));
        assert!(!known("W/\"other\"") && !is_known(&HeaderMap::new(), &tag));
    }
}
