use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_graphql::{Answer, Code};

use super::accept::MediaType;
use super::etag;
use crate::auth::AuthError;
use crate::http::budget::Exhausted;

/// Why a request was refused before it was executed, with the status of each case in one table.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// None of our media types is accepted.
    #[error("Accept application/graphql-response+json, application/json or text/event-stream.")]
    NotAcceptable,
    /// The body has another type than JSON.
    #[error("Send the request as application/json in UTF-8.")]
    UnsupportedMediaType,
    /// Neither GET, HEAD nor POST.
    #[error("Send requests with POST, or queries with GET.")]
    MethodNotAllowed,
    /// The body exceeds the limit.
    #[error("The body is larger than {0} bytes, the setting `max_body_bytes`.")]
    TooLarge(usize),
    /// The body did not come in time.
    #[error("The body did not come within the setting `body_timeout`.")]
    TooSlow,
    /// The connection broke while the body was read.
    #[error("The body cannot be read.")]
    BrokenBody,
    /// The parameters cannot be read.
    #[error(transparent)]
    Malformed(#[from] crate::http::parameters::MalformedRequest),
    /// GET can be sent by any page and be repeated by any proxy, so it only reads.
    #[error("Mutations are sent with POST.")]
    MutationOverGet,
    /// A subscription needs a transport that can carry several answers.
    #[error(
        "Subscriptions are sent over a WebSocket (graphql-transport-ws) or with Accept: text/event-stream."
    )]
    SubscriptionOverHttp,
    /// The token is not accepted.
    #[error(transparent)]
    Unauthenticated(#[from] AuthError),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Malformed(_) | Self::SubscriptionOverHttp | Self::BrokenBody => {
                StatusCode::BAD_REQUEST
            }
            Self::MutationOverGet | Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthenticated(error) => error.status(),
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::Unauthenticated(AuthError::Unavailable(_)) => Code::Unavailable,
            Self::Unauthenticated(_) => Code::Unauthenticated,
            _ => Code::BadRequest,
        }
    }

    /// The response in the form that the client asked for.
    pub fn respond(self, media: MediaType) -> Response {
        let media = if media == MediaType::EventStream {
            MediaType::Json
        } else {
            media
        };
        let answer = Answer::refused(self.code(), self.to_string());
        let mut response = send(self.status(), media, answer.to_json());
        match self {
            Self::MutationOverGet => response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("POST")),
            Self::MethodNotAllowed => response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST")),
            Self::Unauthenticated(_) => response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            _ => None,
        };
        response
    }
}

/// The response that carries an answer.
///
/// A request that was not executed has 400 as `application/graphql-response+json` and 200 as `application/json`
/// (GraphQL over HTTP §6.4). One without a token that needs one has 401 in either.
pub fn respond(answer: &Answer, media: MediaType, authenticated: bool) -> Response {
    if !authenticated && answer.unauthenticated() {
        let mut response = send(StatusCode::UNAUTHORIZED, media, answer.to_json());
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    let status = match media {
        MediaType::GraphQl if !answer.executed() => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    send(status, media, answer.to_json())
}

/// The response to a query that the client may keep and ask about: without a body when it has the answer already.
pub fn respond_kept(answer: &Answer, media: MediaType, request: &HeaderMap) -> Response {
    let json = answer.to_json();
    let Some(tag) = etag::tag(&json) else {
        return send(StatusCode::OK, media, json);
    };
    let mut response = if etag::is_known(request, &tag) {
        (StatusCode::NOT_MODIFIED, [(VARY, VARIES)]).into_response()
    } else {
        send(StatusCode::OK, media, json)
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// What the answer to the same URL depends on.
const VARIES: HeaderValue = HeaderValue::from_static("Accept, Authorization, Origin");

impl Exhausted {
    /// The response to a request for which nothing is left, in the form that the client asked for.
    pub fn respond(&self, media: MediaType) -> Response {
        let media = match media {
            MediaType::EventStream => MediaType::Json,
            other => other,
        };
        let json = self.answer().to_json();
        let mut response = send(StatusCode::TOO_MANY_REQUESTS, media, json);
        self.tell(response.headers_mut());
        response
    }
}

fn send(status: StatusCode, media: MediaType, json: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, media.content_type()),
        (VARY, VARIES),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Body::from(json)).into_response()
}
