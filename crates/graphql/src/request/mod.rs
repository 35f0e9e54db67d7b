//! One request, from its parameters to its answer, for every transport alike.

mod answer;
mod prepare;

use std::sync::Arc;

use async_graphql::Variables;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use jackfield_storage::access::Principal;

use crate::schema::Api;

pub use answer::Answer;
pub use prepare::{Operation, OperationKind};

/// What a client asks to execute.
#[derive(Debug, Default)]
pub struct Parameters {
    /// The document.
    pub query: String,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Values of its variables.
    pub variables: Variables,
}

/// Who asks, and under which name the log knows the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks; absent when the request carries no token.
    pub principal: Option<Principal>,
    /// The id of the request in the log.
    pub request_id: Arc<str>,
    /// Whether the schema may be read by introspection.
    pub introspection: bool,
}

impl Api {
    /// Executes a query or a mutation.
    ///
    /// Boxed and never inlined, so that the futures of the whole schema are compiled in this crate and not again in the
    /// one that serves it.
    #[inline(never)]
    pub fn execute<'a>(
        &'a self,
        operation: Operation,
        caller: &'a Caller,
    ) -> BoxFuture<'a, Answer> {
        let request = self.request(operation, caller);
        Box::pin(async move {
            let response = self.schema().execute(request).await;
            Answer::of(response, &caller.request_id)
        })
    }

    /// Executes any operation as a stream of answers: one for a query or mutation, as many as come for a subscription.
    #[inline(never)]
    pub fn follow(&self, operation: Operation, caller: &Caller) -> BoxStream<'static, Answer> {
        let request_id = caller.request_id.clone();
        let subscription = operation.kind() == OperationKind::Subscription;
        let responses = self
            .schema()
            .execute_stream(self.request(operation, caller));
        Box::pin(responses.map(move |response| {
            let answer = Answer::of(response, &request_id);
            if subscription {
                answer.of_subscription()
            } else {
                answer
            }
        }))
    }

    fn request(&self, operation: Operation, caller: &Caller) -> async_graphql::Request {
        let mut request = operation.into_request();
        if !caller.introspection {
            request = request.disable_introspection();
        }
        if let Some(principal) = &caller.principal {
            request = request.data(principal.clone());
        }
        request.data(self.loaders(caller.principal.as_ref()))
    }
}
