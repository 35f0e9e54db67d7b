use std::future::Future;

use http::StatusCode;

use crate::error::EgressError;
use crate::request::Outgoing;

/// Sees each hop of a request right before it is sent, the first one and every redirect, and may change or refuse it.
///
/// What a gate adds (a credential, another origin) holds for this hop only: the next hop starts from the request as it
/// was before the gate, without what may not cross origins. So a credential that the gate gives to one host never
/// follows a redirect to another by itself.
pub trait Gate: Send {
    /// Lets a hop pass, after changing it at will. `redirects` counts the hops before this one.
    fn pass(
        &mut self,
        redirects: usize,
        hop: &mut Outgoing,
    ) -> impl Future<Output = Result<(), EgressError>> + Send;

    /// Told the status of each answer; `true` sends the same hop once more, through [`Gate::pass`] again. Meant for a
    /// token that the other side has stopped accepting.
    fn again(&mut self, _status: StatusCode) -> impl Future<Output = bool> + Send {
        async { false }
    }
}

/// The gate that lets everything pass unchanged.
#[derive(Clone, Copy, Debug)]
pub struct Open;

impl Gate for Open {
    async fn pass(&mut self, _redirects: usize, _hop: &mut Outgoing) -> Result<(), EgressError> {
        Ok(())
    }
}
