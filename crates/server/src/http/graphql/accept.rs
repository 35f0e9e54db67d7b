use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderValue};

/// The forms in which an answer can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphQl,
    /// `application/json`: a well-formed request is always answered with 200.
    Json,
    /// `text/event-stream`: the distinct connections mode of graphql-sse.
    EventStream,
}

impl MediaType {
    /// The value of `Content-Type`.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        })
    }

    fn of(range: &str) -> Option<Self> {
        match range {
            "application/graphql-response+json" => Some(Self::GraphQl),
            "application/json" | "application/*" | "*/*" => Some(Self::Json),
            "text/event-stream" | "text/*" => Some(Self::EventStream),
            _ => None,
        }
    }
}

/// The form that a client prefers (RFC 9110 §12.5.1); `None` when it accepts none of ours.
///
/// A client that says nothing, or that anything will do, is an old one and gets `application/json`
/// (GraphQL over HTTP §6.4.1, legacy watershed).
pub fn negotiate(headers: &HeaderMap) -> Option<MediaType> {
    if !headers.contains_key(ACCEPT) {
        return Some(MediaType::Json);
    }
    let mut best: Option<(u16, MediaType)> = None;
    let values = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let Some(media) = parts
            .next()
            .and_then(|name| MediaType::of(&name.to_ascii_lowercase()))
        else {
            continue;
        };
        let quality = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1000, thousandths);
        if quality > 0 && best.is_none_or(|(most, _)| quality > most) {
            best = Some((quality, media));
        }
    }
    best.map(|(_, media)| media)
}

fn thousandths(quality: &str) -> u16 {
    let quality: f32 = quality.trim().parse().unwrap_or(0.0);
    // The cast saturates, and the value is at most 1000.
    (quality.clamp(0.0, 1.0) * 1000.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &'static str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        negotiate(&headers)
    }

    #[test]
    fn old_clients_get_json() {
        assert_eq!(negotiate(&HeaderMap::new()), Some(MediaType::Json));
        assert_eq!(accepted("*/*"), Some(MediaType::Json));
    }

    #[test]
    fn quality_decides_and_then_order() {
        assert_eq!(
            accepted("application/json;q=0.5, application/graphql-response+json"),
            Some(MediaType::GraphQl)
        );
        assert_eq!(
            accepted("application/graphql-response+json; charset=utf-8, application/json"),
            Some(MediaType::GraphQl)
        );
        assert_eq!(
            accepted("application/json, application/graphql-response+json;q=0.9"),
            Some(MediaType::Json)
        );
        assert_eq!(accepted("text/event-stream"), Some(MediaType::EventStream));
    }

    #[test]
    fn what_nobody_has_is_not_acceptable() {
        assert_eq!(accepted("text/html, application/json;q=0"), None);
    }
}
