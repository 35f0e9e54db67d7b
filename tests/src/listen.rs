use std::net::SocketAddr;

use anyhow::Result;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Serves on a port of its own, until the task is aborted.
pub(crate) async fn listen(router: Router) -> Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        // It ends with the test; an error in between shows as a request that fails.
        let _ended = axum::serve(listener, router).await;
    });
    Ok((address, server))
}
