//! One request, from its parameters to its answer, for every transport alike.

mod answer;
mod cohort;
mod frame;
mod prepare;
mod shape;
mod tip;

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::{Request, Response, Variables};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use jackfield_storage::access::Principal;
use tokio::time::timeout;

use crate::context::Address;
use crate::document::DocumentSource;
use crate::errors::Code;
use crate::guard::GuardError;
use crate::schema::Api;
use shape::Shape;
use tip::Begin;

pub use answer::Answer;
pub(crate) use cohort::Cohorts;
pub use frame::Frame;
pub use prepare::{Operation, OperationKind};
pub(crate) use shape::FieldTypes;

/// What a client asks to execute.
#[derive(Debug)]
pub struct Parameters {
    /// The document.
    pub document: DocumentSource,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Values of its variables, or that there are too many.
    pub variables: Result<Variables, GuardError>,
}

/// Who asks, and under which name the log knows the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks; absent when the request carries no token.
    pub principal: Option<Principal>,
    /// The id of the request in the log.
    pub request_id: Arc<str>,
    /// From where, when that is known.
    pub address: Option<IpAddr>,
    /// Whether the schema may be read by introspection.
    pub introspection: bool,
}

const TIMED_OUT: &str =
    "The query took longer than the setting `query_timeout`: ask for less at once.";

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
        let (kind, cost) = (operation.kind(), operation.cost());
        let (request, shape) = self.request(operation, caller);
        Box::pin(async move {
            let executed = self.schema().execute(request);
            // What a mutation waits for has limits of its own, and ending it here would leave the client without an answer
            // about something that was done.
            let response = match kind {
                OperationKind::Mutation => executed.await,
                _ => match timeout(self.query_timeout(), executed).await {
                    Ok(response) => response,
                    Err(_) => return Answer::refused(Code::TimedOut, TIMED_OUT),
                },
            };
            let response = self.complete(response, &shape);
            Answer::of(response, &caller.request_id).costing(cost, self.limits().cost)
        })
    }

    /// Executes any operation as a stream of answers: one for a query or mutation, as many as come for a subscription. Those
    /// who follow the same events share one execution.
    #[inline(never)]
    pub fn follow(&self, operation: Operation, caller: &Caller) -> BoxStream<'static, Frame> {
        let tip = operation.begin().map(|_| operation.at_tip());
        let principal = caller.principal.as_ref();
        let key = tip.as_ref().zip(principal);
        let key = key.and_then(|(tip, principal)| tip.cohort(principal));
        let (Some(tip), Some(key)) = (tip, key) else {
            return self.follow_alone(operation, caller);
        };
        let member = self.cohorts().join(key, || self.follow_alone(tip, caller));
        match operation.begin() {
            Some(Begin::After(_)) => {
                let alone = self.follow_alone(operation, caller);
                member.catch_up(alone).boxed()
            }
            _ => member.follow().boxed(),
        }
    }

    fn follow_alone(&self, operation: Operation, caller: &Caller) -> BoxStream<'static, Frame> {
        let request_id = caller.request_id.clone();
        let subscription = operation.kind() == OperationKind::Subscription;
        let (request, shape) = self.request(operation, caller);
        let responses = self.schema().execute_stream(request);
        let api = self.clone();
        Box::pin(responses.map(move |response| {
            let answer = Answer::of(api.complete(response, &shape), &request_id);
            Frame::of(match subscription {
                true => answer.of_subscription(),
                false => answer,
            })
        }))
    }

    /// Gives the data of a response with errors the shape that the document wants.
    fn complete(&self, mut response: Response, shape: &Shape) -> Response {
        if !response.errors.is_empty() {
            shape.complete(self.field_types(), &mut response.data);
        }
        response
    }

    fn request(&self, operation: Operation, caller: &Caller) -> (Request, Shape) {
        let (mut request, fields, shape) = operation.into_request();
        if !caller.introspection {
            request = request.disable_introspection();
        }
        if let Some(principal) = &caller.principal {
            request = request.data(principal.clone());
        }
        let request = request
            .data(Address(caller.address))
            .data(self.loaders(caller.principal.as_ref(), &fields))
            .data(fields);
        (request, shape)
    }
}
