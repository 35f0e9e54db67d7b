use async_graphql::InputObject;
use jackfield_storage::event::Received;
use jackfield_storage::rejection::TraceFilter;

use super::request::InboundVerdict;
use crate::scalars::DateTime;

/// Which requests to a hook are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
pub struct InboundRequestFilter {
    /// Only those of which this became.
    verdict: Option<InboundVerdict>,
    /// Only those that brought no event for this reason, such as `BAD_SIGNATURE`.
    reason: Option<String>,
    /// Only those that came at or after this instant.
    since: Option<DateTime>,
    /// Only those that came before this instant.
    until: Option<DateTime>,
}

impl From<InboundRequestFilter> for TraceFilter {
    fn from(filter: InboundRequestFilter) -> Self {
        Self {
            verdict: filter.verdict.map(Into::into),
            reason: filter.reason,
            received: received(filter.since, filter.until),
        }
    }
}

/// Which rejections of a hook are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
pub struct InboundRejectionFilter {
    /// Only those for this reason, such as `BAD_SIGNATURE`.
    reason: Option<String>,
    /// Only those of requests that came at or after this instant.
    since: Option<DateTime>,
    /// Only those of requests that came before this instant.
    until: Option<DateTime>,
}

impl From<InboundRejectionFilter> for TraceFilter {
    fn from(filter: InboundRejectionFilter) -> Self {
        Self {
            reason: filter.reason,
            received: received(filter.since, filter.until),
            ..Self::rejected()
        }
    }
}

fn received(since: Option<DateTime>, until: Option<DateTime>) -> Received {
    Received {
        since: since.map(|at| at.0),
        until: until.map(|at| at.0),
    }
}
