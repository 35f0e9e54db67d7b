use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE,
    CONTENT_LOCATION, CONTENT_TYPE, HeaderName, LOCATION, RANGE, USER_AGENT,
};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::error::{EgressError, ErrorCode, shown};
use crate::request::Outgoing;

/// What may cross from one origin to another. A list of what is harmless, because any other header, `X-Api-Key` as
/// well as one nobody has heard of, may be a secret.
const HARMLESS: [HeaderName; 9] = [
    ACCEPT,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CACHE_CONTROL,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_TYPE,
    RANGE,
    USER_AGENT,
];

/// Headers that describe a body and go with it.
const OF_THE_BODY: [HeaderName; 4] = [
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LOCATION,
    CONTENT_TYPE,
];

/// Whether a status sends the client elsewhere by its own (RFC 9110 §15.4; 300 leaves the choice to a person).
pub(crate) fn redirects(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The hop that follows a redirect, or `None` when the answer names no place to go to.
///
/// `asked` is the hop as the caller wrote it and `sent` the URL that was dialled: a `Location` at the dialled origin
/// means the asked one.
pub(crate) fn next(
    asked: &Outgoing,
    sent: &Url,
    status: StatusCode,
    answer: &HeaderMap,
) -> Result<Option<Outgoing>, EgressError> {
    let Some(location) = answer.get(LOCATION) else {
        return Ok(None);
    };
    let url = target(&asked.url, sent, location.as_bytes())?;
    if asked.url.scheme() == "https" && url.scheme() != "https" {
        return Err(EgressError::new(
            ErrorCode::ForbiddenRedirect,
            format!(
                "{} redirects to {}, which is not https",
                shown(&asked.url),
                shown(&url)
            ),
        ));
    }
    let mut hop = asked.clone();
    if url.origin() != asked.url.origin() {
        hop.headers = harmless(&hop.headers);
    }
    hop.url = url;
    if becomes_get(status, &hop.method) {
        hop.method = Method::GET;
        hop.body = Bytes::new();
        for name in &OF_THE_BODY {
            hop.headers.remove(name);
        }
    }
    Ok(Some(hop))
}

/// RFC 9110 §15.4.2 and §15.4.3 let 301 and 302 turn POST into GET, as every browser does; §15.4.4 makes 303 a GET,
/// which leaves HEAD as it is; 307 and 308 change nothing.
fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        301 | 302 => method == Method::POST,
        303 => method != Method::HEAD,
        _ => false,
    }
}

fn target(asked: &Url, sent: &Url, location: &[u8]) -> Result<Url, EgressError> {
    let invalid = || {
        EgressError::new(
            ErrorCode::ForbiddenRedirect,
            format!("{} redirects to something that is no URL", shown(asked)),
        )
    };
    let location = std::str::from_utf8(location).map_err(|_| invalid())?;
    let mut url = asked.join(location).map_err(|_| invalid())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid());
    }
    if url.origin() == sent.origin() && url.origin() != asked.origin() {
        let path = url[url::Position::BeforePath..].to_owned();
        url = asked.join(&path).map_err(|_| invalid())?;
    }
    // RFC 9110 §10.2.2: a Location without a fragment inherits that of the request.
    if url.fragment().is_none() {
        url.set_fragment(asked.fragment());
    }
    Ok(url)
}

fn harmless(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| HARMLESS.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post() -> Outgoing {
        let headers = [
            ("authorization", "Bearer hush"),
            ("content-type", "application/json"),
            ("x-api-key", "hush"),
            ("accept", "*/*"),
        ];
        Outgoing {
            method: Method::POST,
            url: "https://a.example/one/two?x=1#part".parse().unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .collect(),
            body: Bytes::from_static(b"{}"),
        }
    }

    fn follow(asked: &Outgoing, sent: &str, status: u16, location: &str) -> String {
        let answer = HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
        let status = StatusCode::from_u16(status).unwrap();
        match next(asked, &sent.parse().unwrap(), status, &answer) {
            Ok(Some(hop)) => {
                let mut names: Vec<_> = hop.headers.keys().map(HeaderName::as_str).collect();
                names.sort_unstable();
                let body = hop.body.len();
                format!("{} {} {names:?} {body}", hop.method, hop.url)
            }
            Ok(None) => "none".into(),
            Err(error) => format!("{}: {error}", error.code()),
        }
    }

    #[test]
    fn post_becomes_get_where_the_rfc_says_so() {
        let sent = "https://a.example/";
        insta::assert_snapshot!(follow(&post(), sent, 302, "/three"), @r#"GET https://a.example/three#part ["accept", "authorization", "x-api-key"] 0"#);
        insta::assert_snapshot!(follow(&post(), sent, 303, "three"), @r#"GET https://a.example/one/three#part ["accept", "authorization", "x-api-key"] 0"#);
        insta::assert_snapshot!(follow(&post(), sent, 307, "/three#other"), @r#"POST https://a.example/three#other ["accept", "authorization", "content-type", "x-api-key"] 2"#);
        let put = Outgoing {
            method: Method::PUT,
            ..post()
        };
        insta::assert_snapshot!(follow(&put, sent, 301, "/three"), @r#"PUT https://a.example/three#part ["accept", "authorization", "content-type", "x-api-key"] 2"#);
        let head = Outgoing {
            method: Method::HEAD,
            ..post()
        };
        insta::assert_snapshot!(follow(&head, sent, 303, "?y"), @r#"HEAD https://a.example/one/two?y#part ["accept", "authorization", "content-type", "x-api-key"] 2"#);
    }

    #[test]
    fn nothing_secret_crosses_origins() {
        let sent = "https://a.example/";
        insta::assert_snapshot!(follow(&post(), sent, 308, "https://b.example/"), @r#"POST https://b.example/#part ["accept", "content-type"] 2"#);
        insta::assert_snapshot!(follow(&post(), sent, 308, "https://a.example:444/"), @r#"POST https://a.example:444/#part ["accept", "content-type"] 2"#);
        insta::assert_snapshot!(follow(&post(), sent, 308, "//a.example.evil/"), @r#"POST https://a.example.evil/#part ["accept", "content-type"] 2"#);
    }

    #[test]
    fn an_origin_that_a_gate_put_in_place_means_the_asked_one() {
        insta::assert_snapshot!(follow(&post(), "http://127.0.0.1:9/one", 307, "http://127.0.0.1:9/three?y=2"), @r#"POST https://a.example/three?y=2#part ["accept", "authorization", "content-type", "x-api-key"] 2"#);
    }

    #[test]
    fn bad_places_to_go_to_are_refused() {
        let sent = "https://a.example/";
        insta::assert_snapshot!(follow(&post(), sent, 302, "http://a.example/"), @"FORBIDDEN_REDIRECT: https://a.example redirects to http://a.example, which is not https");
        insta::assert_snapshot!(follow(&post(), sent, 302, "file:///etc/passwd"), @"FORBIDDEN_REDIRECT: https://a.example redirects to something that is no URL");
        insta::assert_snapshot!(follow(&post(), sent, 302, "https://[::"), @"FORBIDDEN_REDIRECT: https://a.example redirects to something that is no URL");
    }
}
