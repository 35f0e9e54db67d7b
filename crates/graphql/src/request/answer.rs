use async_graphql::{Response, ServerError, Value, value};
use serde::Serialize;

use crate::errors::Code;

/// What goes back to the client, for one request or for one event of a subscription.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    executed: bool,
}

#[derive(Serialize)]
struct RequestError<'a> {
    errors: &'a [ServerError],
}

impl Answer {
    /// Completes a response: every error has a stable code, and those of the inside carry the id of the request.
    pub(super) fn of(mut response: Response, request_id: &str) -> Self {
        let executed = response.errors.is_empty()
            || response.data != Value::Null
            || response.errors.iter().any(|error| !error.path.is_empty());
        for error in &mut response.errors {
            let default = if executed {
                Code::BadUserInput
            } else {
                Code::ValidationFailed
            };
            complete(error, default, request_id);
        }
        Self { response, executed }
    }

    /// A subscription without data cannot begin or go on: that is an error of the request (GraphQL §6.2.3).
    pub(super) fn of_subscription(mut self) -> Self {
        self.executed = self.response.data != Value::Null;
        self
    }

    /// The answer to a request that is not executed.
    pub fn refused(code: Code, message: impl Into<String>) -> Self {
        Self::refused_with(code, ServerError::new(message, None))
    }

    pub(super) fn refused_with(code: Code, mut error: ServerError) -> Self {
        error
            .extensions
            .get_or_insert_default()
            .set("code", code.as_str());
        Self {
            response: Response::from_errors(vec![error]),
            executed: false,
        }
    }

    /// The same with how many seconds to wait, in `extensions.retryAfter` of each error.
    pub fn waiting(mut self, seconds: u64) -> Self {
        for error in &mut self.response.errors {
            error
                .extensions
                .get_or_insert_default()
                .set("retryAfter", seconds);
        }
        self
    }

    /// The same with something for the client's program to each error.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        for error in &mut self.response.errors {
            error.extensions.get_or_insert_default().set(name, value);
        }
        self
    }

    /// Says what the request may have cost, and how much it may be.
    pub(super) fn costing(mut self, requested: u64, limit: u64) -> Self {
        let cost = value!({"requested": requested, "limit": limit});
        self.response.extensions.insert("cost".to_owned(), cost);
        self
    }

    /// Whether execution began. Otherwise the answer has no `data` (GraphQL §7.1).
    pub fn executed(&self) -> bool {
        self.executed
    }

    /// Whether there is any error.
    pub fn is_err(&self) -> bool {
        !self.response.errors.is_empty()
    }

    /// Whether the request lacks a principal, or its principal is not accepted.
    pub fn unauthenticated(&self) -> bool {
        let code = Value::from(Code::Unauthenticated.as_str());
        self.response
            .errors
            .iter()
            .any(|error| error.extensions.as_ref().and_then(|all| all.get("code")) == Some(&code))
    }

    /// The errors, as the message `error` of graphql-transport-ws carries them.
    pub fn errors(&self) -> &[ServerError] {
        &self.response.errors
    }

    /// The cursor of an event of a subscription, when the document selects it: where to resume after this event.
    pub fn cursor(&self) -> Option<&str> {
        let Value::Object(fields) = &self.response.data else {
            return None;
        };
        match fields.values().next()? {
            Value::Object(event) => match event.get("cursor")? {
                Value::String(cursor) => Some(cursor),
                _ => None,
            },
            _ => None,
        }
    }

    /// The answer as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_else(|error| {
            tracing::error!(%error, "an answer cannot be written as JSON");
            br#"{"errors":[{"message":"The answer cannot be written as JSON.","extensions":{"code":"INTERNAL"}}]}"#.to_vec()
        })
    }
}

fn complete(error: &mut ServerError, default: Code, request_id: &str) {
    let extensions = error.extensions.get_or_insert_default();
    match extensions.get("code") {
        None => extensions.set("code", default.as_str()),
        Some(code) if *code == Value::from(Code::Internal.as_str()) => {
            extensions.set("requestId", request_id)
        }
        Some(_) => {}
    }
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.executed {
            self.response.serialize(serializer)
        } else {
            RequestError {
                errors: &self.response.errors,
            }
            .serialize(serializer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_no_data_and_a_code() {
        let answer = Answer::refused(Code::TooComplex, "Too much.");
        insta::assert_snapshot!(String::from_utf8(answer.to_json()).unwrap(), @r#"{"errors":[{"message":"Too much.","extensions":{"code":"TOO_COMPLEX"}}]}"#);
    }
}
