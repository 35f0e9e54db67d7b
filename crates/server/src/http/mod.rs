//! What the server answers over HTTP.

mod approval;
mod authorize;
mod blob;
mod body;
mod budget;
mod client_address;
mod cross_origin;
mod event;
mod graphiql;
mod graphql;
mod health;
mod hook;
mod listen;
mod oauth;
mod page;
mod parameters;
mod request_id;
mod response;
mod slow;
mod socket;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use ipnet::IpNet;
use jackfield_connected_apps::ConnectedApps;
use jackfield_graphql::Api;
use jackfield_storage::{Clock, Store};
use jackfield_webhooks::inbound::Inbound;
use jackfield_webhooks::outbound::Outbound;
use jackfield_webhooks::publish::Publisher;
use jackfield_workflows::Workflows;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::auth::Authenticator;
use crate::config::AllowedOrigins;
use crate::shutdown::Shutdown;

pub use budget::Budget;
pub use listen::serve;
pub use socket::Sockets;

/// From which size on an answer is compressed, in bytes: a smaller one fits into one packet anyway.
const COMPRESSED_FROM: u64 = 1_400;

/// What handlers work with.
pub struct App {
    /// The GraphQL API.
    pub api: Api,
    /// Checks tokens.
    pub auth: Authenticator,
    /// Everything that is stored.
    pub store: Store,
    /// Receives webhooks.
    pub inbound: Arc<Inbound>,
    /// Publishes events.
    pub publisher: Publisher,
    /// Keeps webhook endpoints and sends to them.
    pub outbound: Outbound,
    /// Takes what people have granted.
    pub apps: ConnectedApps,
    /// Takes the answers to approvals.
    pub workflows: Workflows,
    /// Origins whose pages may open a WebSocket here.
    pub allowed_origins: AllowedOrigins,
    /// Whether clients may read the schema, and the GraphiQL page is served.
    pub introspection: bool,
    /// What each principal may spend on GraphQL.
    pub budget: Budget,
    /// How many sockets each principal has open.
    pub sockets: Sockets,
    /// The largest request body in bytes.
    pub max_body_bytes: usize,
    /// How long the body of a request may take to come.
    pub body_timeout: Duration,
    /// Proxies whose word is taken for where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// How long an inbound webhook waits for its run.
    pub respond_timeout: Duration,
    /// Tells when the server stops.
    pub shutdown: Shutdown,
}

impl App {
    fn clock(&self) -> &Clock {
        self.store.clock()
    }
}

/// Larger answers are compressed for clients that can read it; a stream is not, for its events would wait for each other.
fn compression() -> CompressionLayer<impl Predicate> {
    let worth_it = SizeAbove::new(COMPRESSED_FROM).and(NotForContentType::SSE);
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(worth_it)
}

/// Every route there is.
pub fn router(app: Arc<App>) -> Router {
    let graphql = Router::new()
        .route("/graphql", any(graphql::dispatch))
        .layer(compression())
        .layer(cross_origin::allow(app.allowed_origins.clone()));
    let mut router = graphql
        .route("/hooks/{token}", any(hook::receive))
        .route(
            "/approvals/{token}",
            get(approval::show).post(approval::answer),
        )
        .route("/oauth/callback", get(oauth::callback))
        .route("/v1/events", post(event::publish))
        .merge(webhook::routes())
        .route("/v1/blobs/{id}", get(blob::download))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    if app.introspection {
        router = router.merge(graphiql::routes());
    }
    router
        .fallback(response::not_found)
        .method_not_allowed_fallback(response::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), request_id::trace))
        .with_state(app)
}
