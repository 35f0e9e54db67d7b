use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Wire;

/// Ready when the call is cancelled, with the reason. From [`Context::cancelled`](crate::Context::cancelled).
#[must_use = "it does nothing until it is awaited"]
pub struct Cancelled(Arc<Wire>);

impl Cancelled {
    pub(crate) fn new(wire: Arc<Wire>) -> Self {
        wire.listen(true);
        Self(wire)
    }
}

impl Future for Cancelled {
    type Output = String;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<String> {
        match self.0.cancellation(context.waker()) {
            Some(reason) => Poll::Ready(reason),
            None => Poll::Pending,
        }
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.listen(false);
    }
}
