//! Publishing events over REST.

mod answer;
mod read;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use jackfield_storage::access::PublishEvents;

use super::App;
use super::authorize::authorize;
use super::body;

/// Publishes one event, a list of events, or a payload of any kind whose type the query names. 202 after the commit.
pub async fn publish(State(app): State<Arc<App>>, request: Request) -> Response {
    respond(&app, request)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn respond(app: &App, request: Request) -> Result<Response, Response> {
    let (head, body) = request.into_parts();
    let permit = authorize::<PublishEvents>(app, &head.headers).await?;
    let body = body::read(app, &head.headers, body)
        .await
        .map_err(|refused| *refused)?;
    let given = read::read(&head, &body).map_err(|refused| *refused)?;
    let many = given.many;
    let published = app.publisher.publish(&permit, given.events).await;
    Ok(match published {
        Ok(outcomes) => answer::published(outcomes, many),
        Err(cause) => answer::refused(cause, many),
    })
}
