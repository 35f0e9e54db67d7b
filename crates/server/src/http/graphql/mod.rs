//! GraphQL over HTTP: one request, one response, or a stream of events.

mod accept;
mod etag;
mod respond;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::RequestExt;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use jackfield_graphql::{Answer, Caller, Operation, OperationKind, Parameters};

use super::App;
use super::body::{Unread, take};
use super::client_address::client_address;
use super::parameters;
use super::request_id::RequestId;
use super::socket;
use crate::auth::bearer;
use accept::{MediaType, negotiate};
use respond::{Refusal, respond, respond_kept};

/// Upgrades to a WebSocket when asked to, and answers GET, HEAD and POST otherwise.
pub async fn dispatch(State(app): State<Arc<App>>, mut request: Request) -> Response {
    if matches!(*request.method(), Method::GET | Method::CONNECT) && is_upgrade(request.headers()) {
        return match request
            .extract_parts_with_state::<WebSocketUpgrade, _>(&app)
            .await
        {
            Ok(upgrade) => socket::upgrade(app, &request, upgrade),
            Err(rejection) => rejection.into_response(),
        };
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::POST) {
        return Refusal::MethodNotAllowed.respond(MediaType::Json);
    }
    let Some(media) = negotiate(request.headers()) else {
        return Refusal::NotAcceptable.respond(MediaType::Json);
    };
    answer(&app, request, media)
        .await
        .unwrap_or_else(|refusal| refusal.respond(media))
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    let value = headers.get(UPGRADE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

async fn answer(app: &Arc<App>, request: Request, media: MediaType) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let request_id = RequestId::of(&head.extensions);
    let parameters = read(app, &head.method, &head.headers, head.uri.query(), body).await?;
    let token = bearer(&head.headers)?;
    let principal = match token {
        Some(token) => Some(app.auth.authenticate(token).await?.principal),
        None => None,
    };
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|peer| client_address(peer.ip(), &head.headers, &app.trusted_proxies));
    let caller = Caller {
        principal,
        request_id,
        address,
        introspection: app.introspection,
    };
    let operation = match app.api.prepare(parameters) {
        Ok(operation) => operation,
        Err(answer) => return Ok(respond_as(&answer, media)),
    };
    check_transport(&operation, &head.method, media)?;
    let spent = app
        .budget
        .spend(caller.principal.as_ref(), operation.cost());
    let spent = match spent {
        Ok(spent) => spent,
        Err(exhausted) => return Ok(exhausted.respond(media)),
    };
    let mut response = execute(app, operation, &caller, &head, media, token).await;
    spent.tell(response.headers_mut());
    Ok(response)
}

async fn execute(
    app: &Arc<App>,
    operation: Operation,
    caller: &Caller,
    head: &Parts,
    media: MediaType,
    token: Option<&str>,
) -> Response {
    if media == MediaType::EventStream {
        return stream::respond(app, operation, caller, token);
    }
    let may_be_kept = operation.is_trusted() && head.method != Method::POST;
    let answer = app.api.execute(operation, caller).await;
    if may_be_kept && !answer.is_err() {
        return respond_kept(&answer, media, &head.headers);
    }
    respond(&answer, media, caller.principal.is_some())
}

fn respond_as(answer: &Answer, media: MediaType) -> Response {
    let media = if media == MediaType::EventStream {
        MediaType::GraphQl
    } else {
        media
    };
    respond(answer, media, true)
}

fn check_transport(
    operation: &Operation,
    method: &Method,
    media: MediaType,
) -> Result<(), Refusal> {
    match operation.kind() {
        OperationKind::Mutation if method != Method::POST => Err(Refusal::MutationOverGet),
        OperationKind::Subscription if media != MediaType::EventStream => {
            Err(Refusal::SubscriptionOverHttp)
        }
        _ => Ok(()),
    }
}

async fn read(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    query: Option<&str>,
    body: Body,
) -> Result<Parameters, Refusal> {
    let mut parameters = if method == Method::POST {
        if !is_json(headers) {
            return Err(Refusal::UnsupportedMediaType);
        }
        let max = app.max_body_bytes;
        let body = take(headers, body, max)
            .await
            .map_err(|unread| match unread {
                Unread::TooLarge => Refusal::TooLarge(max),
                Unread::TooSlow => Refusal::TooSlow,
                Unread::Broken => Refusal::BrokenBody,
            })?;
        parameters::from_body(&body)?
    } else {
        parameters::from_query(query.unwrap_or_default())?
    };
    stream::resume(&mut parameters, headers);
    Ok(parameters)
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let mut parts = value
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let is_utf8 = |part: String| {
        part.strip_prefix("charset=")
            .is_none_or(|charset| charset.trim_matches('"') == "utf-8")
    };
    parts
        .next()
        .is_some_and(|media| media == "application/json")
        && parts.all(is_utf8)
}
