use async_graphql::parser::types::{DocumentOperations, OperationDefinition, OperationType};
use async_graphql::parser::{Error as ParseError, parse_query};
use async_graphql::{Request, ServerError};
use jackfield_storage::access::Principal;

use super::cohort::Key;
use super::tip::{Begin, begin};
use super::{Answer, Parameters};
use crate::errors::Code;
use crate::guard::{measure, scan};
use crate::schema::Api;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// It reads.
    Query,
    /// It changes something.
    Mutation,
    /// It follows changes.
    Subscription,
}

/// A parsed operation within the limits, ready to be executed.
pub struct Operation {
    kind: OperationKind,
    begin: Option<Begin>,
    request: Request,
}

impl Operation {
    /// What it does.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    pub(super) fn into_request(self) -> Request {
        self.request
    }

    /// Where it begins, if others may share it.
    pub(super) fn begin(&self) -> Option<&Begin> {
        self.begin.as_ref()
    }

    /// The same from the tip of the log on.
    pub(super) fn at_tip(&self) -> Self {
        let mut request = Request::new(&self.request.query);
        request.operation_name = self.request.operation_name.clone();
        request.variables = self.request.variables.clone();
        if let Some(Begin::After(name)) = &self.begin {
            request.variables.remove(name);
        }
        Self {
            kind: self.kind,
            begin: Some(Begin::Tip),
            request,
        }
    }

    /// Whom it shares its execution with, from the tip of the log on.
    pub(super) fn cohort(&self, principal: &Principal) -> Option<Key> {
        let variables = serde_json::to_string(&self.request.variables).ok()?;
        Some(Key {
            query: self.request.query.clone(),
            operation_name: self.request.operation_name.clone(),
            variables,
            workspace: principal.workspace,
            role: principal.role,
            scopes: principal.scopes,
        })
    }
}

impl Api {
    /// Parses a document, holds it to the limits, and finds the operation to execute.
    ///
    /// # Errors
    ///
    /// The answer to send when the document is not GraphQL, exceeds a limit, or has no such operation.
    pub fn prepare(&self, parameters: Parameters) -> Result<Operation, Box<Answer>> {
        let refuse = |code: Code, message: String| Box::new(Answer::refused(code, message));
        scan(&parameters.query, self.limits())
            .map_err(|error| refuse(Code::TooComplex, error.to_string()))?;
        let document = parse_query(&parameters.query).map_err(|error| Box::new(syntax(&error)))?;
        measure(
            &document,
            &parameters.variables,
            self.connection_fields(),
            self.limits(),
        )
        .map_err(|error| refuse(Code::TooComplex, error.to_string()))?;
        let operation = find(&document.operations, parameters.operation_name.as_deref())
            .map_err(|message| refuse(Code::ValidationFailed, message))?;
        let kind = kind(operation.ty);
        let begin = match kind {
            OperationKind::Subscription => begin(operation, &parameters.variables),
            _ => None,
        };
        let mut request = Request::new(parameters.query).variables(parameters.variables);
        request.operation_name = parameters
            .operation_name
            .filter(|_| matches!(document.operations, DocumentOperations::Multiple(_)));
        request.set_parsed_query(document);
        Ok(Operation {
            kind,
            begin,
            request,
        })
    }
}

fn find<'d>(
    operations: &'d DocumentOperations,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, String> {
    let operation = match (operations, name) {
        (DocumentOperations::Single(operation), None) => operation,
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get(name)
            .ok_or_else(|| format!("The document has no operation named \"{name}\"."))?,
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations
            .values()
            .next()
            .ok_or("The document has no operation.")?,
        (DocumentOperations::Single(_), Some(name)) => {
            return Err(format!("The document has no operation named \"{name}\"."));
        }
        (DocumentOperations::Multiple(_), None) => {
            return Err(
                "The document has several operations: say which with `operationName`.".to_owned(),
            );
        }
    };
    Ok(&operation.node)
}

fn kind(of: OperationType) -> OperationKind {
    match of {
        OperationType::Query => OperationKind::Query,
        OperationType::Mutation => OperationKind::Mutation,
        OperationType::Subscription => OperationKind::Subscription,
    }
}

/// Says where the syntax breaks, without the parser's internals.
fn syntax(error: &ParseError) -> Answer {
    let message = match error {
        ParseError::Syntax { start, .. } => {
            format!(
                "Syntax error at line {}, column {}.",
                start.line, start.column
            )
        }
        ParseError::RecursionLimitExceeded => "The document nests too deeply.".to_owned(),
        other => format!("Syntax error: {other}."),
    };
    let mut refusal = ServerError::new(message, None);
    refusal.locations = error.positions().collect();
    Answer::refused_with(Code::ParseFailed, refusal)
}
