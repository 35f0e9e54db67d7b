use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tower_service::Service;

use crate::shutdown::Shutdown;

/// How long to wait when the machine has no room for another connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until the server is to stop. The requests that are under way then are answered: who waits for them waits for `router` to
/// be let go of.
///
/// A connection has `header_timeout` to send the head of its next request, so that nobody holds connections by sending nothing,
/// or a byte now and then.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    header_timeout: Duration,
    shutdown: Shutdown,
) {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout);
    let mut stopping = pin!(shutdown.clone().requested());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopping => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                wait_out(&error).await;
                continue;
            }
        };
        send_at_once(&stream);
        let service = service(router.clone(), peer);
        let connection = server
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let stopping = shutdown.clone().requested();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stopping => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
}

/// The router, told who is at the other end.
fn service(
    router: Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    })
}

/// An answer is often written in two pieces; with Nagle's algorithm the second would wait for the first one's acknowledgement,
/// which peers delay by 40 ms.
fn send_at_once(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps Nagle's algorithm");
    }
}

/// A connection that was gone before it was accepted is nobody's fault; anything else passes when others have ended.
async fn wait_out(error: &io::Error) {
    let is_gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    );
    if !is_gone {
        tracing::error!(%error, "no connection can be accepted");
        sleep(PAUSE).await;
    }
}
