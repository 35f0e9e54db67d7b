use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use jackfield_graphql::{Caller, Frame, Operation, Parameters};

use crate::http::App;

/// How often a silent stream is shown to be alive: more often than proxies cut idle connections.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// Streams an operation's answers as the distinct connections mode of graphql-sse has them: `next` for each, then `complete`.
///
/// When the token is not accepted any more, and when the server stops, the stream ends without `complete`: clients take it for
/// a connection that was cut, and connect again.
pub fn respond(
    app: &Arc<App>,
    operation: Operation,
    caller: &Caller,
    token: Option<&str>,
) -> Response {
    let complete = stream::once(async { Event::default().event("complete").data("") });
    let events = app
        .api
        .follow(operation, caller)
        .map(|frame| next(&frame))
        .chain(complete)
        .take_until(app.shutdown.clone().requested())
        .take_until(refused(app.clone(), token.map(str::to_owned)))
        .map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    (
        [(CACHE_CONTROL, "no-store")],
        Sse::new(events).keep_alive(keep_alive),
    )
        .into_response()
}

/// Waits until the token is not accepted any more; for ever without one.
async fn refused(app: Arc<App>, token: Option<String>) {
    match token {
        Some(token) => {
            app.auth.refused(&token).await;
        }
        None => std::future::pending().await,
    }
}

fn next(frame: &Frame) -> Event {
    let event = Event::default().event("next");
    let event = match frame {
        Frame::Next { json, .. } => event.data(String::from_utf8_lossy(json)),
        Frame::Refused(answer) => event.data(String::from_utf8_lossy(&answer.to_json())),
    };
    match frame.cursor() {
        Some(cursor) => event.id(cursor),
        None => event,
    }
}

/// A browser that reconnects sends the id of the last event it saw; it stands in for the variable `after`.
pub fn resume(parameters: &mut Parameters, headers: &HeaderMap) {
    let last = headers.get("last-event-id");
    let last = last.and_then(|value| value.to_str().ok());
    if let (Some(last), Ok(variables)) = (last, &mut parameters.variables) {
        variables.insert(async_graphql::Name::new("after"), last.into());
    }
}
