use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve};

use crate::error::{EgressError, ErrorCode};
use crate::guard::{Guard, forbidden};

/// The addresses that a name will have.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Turns the name of a host into addresses. What it returns is checked before anything is dialled.
pub trait Lookup: Send + Sync + 'static {
    /// Looks one name up.
    fn lookup<'a>(&'a self, host: &'a str) -> Resolving<'a>;
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Hands only checked addresses to the connector, which dials nothing else.
pub(crate) struct GuardedLookup {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) guard: Arc<Guard>,
}

impl GuardedLookup {
    /// The addresses of a name that may be dialled.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, EgressError> {
        let found = self.checked(host).await?;
        Ok(found.iter().map(SocketAddr::ip).collect())
    }

    async fn checked(&self, host: &str) -> Result<Vec<SocketAddr>, EgressError> {
        let found = self.lookup.lookup(host).await.map_err(|error| {
            EgressError::new(
                ErrorCode::Dns,
                format!("the name {host} does not resolve: {error}"),
            )
        })?;
        let mut refused = None;
        let mut addresses = Vec::with_capacity(found.len());
        for address in found {
            match self.guard.check_address(address) {
                Ok(()) => addresses.push(SocketAddr::new(address, 0)),
                Err(reason) => {
                    tracing::debug!(host, %address, reason, "egress refused an address");
                    refused = Some(reason);
                }
            }
        }
        match (addresses.is_empty(), refused) {
            (false, _) => Ok(addresses),
            (true, Some(reason)) => Err(forbidden(host, reason)),
            (true, None) => Err(EgressError::new(
                ErrorCode::Dns,
                format!("the name {host} has no address"),
            )),
        }
    }
}

/// The form in which reqwest takes a resolver.
#[derive(Clone)]
pub(crate) struct SharedLookup(pub(crate) Arc<GuardedLookup>);

impl Resolve for SharedLookup {
    fn resolve(&self, name: Name) -> reqwest::dns::Resolving {
        let this = self.0.clone();
        Box::pin(async move {
            let addresses = this.checked(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
