use async_graphql::parser::types::{DocumentOperations, OperationDefinition, OperationType};
use async_graphql::{Request, ServerError, Value, Variables};
use jackfield_storage::access::Principal;

use super::cohort::Key;
use super::shape::Shape;
use super::tip::{Begin, begin};
use super::{Answer, Parameters};
use crate::document::{DocumentError, FieldNames};
use crate::errors::Code;
use crate::guard::{GuardError, measure};
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
    /// What it may cost, in the points of [`Limits`](crate::guard::Limits).
    cost: u64,
    trusted: bool,
    begin: Option<Begin>,
    fields: FieldNames,
    shape: Shape,
    request: Request,
}

impl Operation {
    /// What it does.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// Whether the operator's manifest has its document.
    pub fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// What it may cost, in points; see [`Limits::cost`](crate::guard::Limits::cost).
    pub fn cost(&self) -> u64 {
        self.cost
    }

    pub(super) fn into_request(self) -> (Request, FieldNames, Shape) {
        (self.request, self.fields, self.shape)
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
            cost: self.cost,
            trusted: self.trusted,
            begin: Some(Begin::Tip),
            fields: self.fields.clone(),
            shape: self.shape.clone(),
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
        let document = self
            .documents()
            .find(parameters.document, self.limits())
            .map_err(|error| Box::new(refused(&error)))?;
        let too_complex = |error: GuardError| refuse(Code::TooComplex, error.to_string());
        let variables = parameters.variables.map_err(too_complex)?;
        let cost = measure(
            &document.parsed,
            &variables,
            self.connection_fields(),
            self.limits(),
        )
        .map_err(too_complex)?;
        let operations = &document.parsed.operations;
        let operation = find(operations, parameters.operation_name.as_deref())
            .map_err(|message| refuse(Code::ValidationFailed, message))?;
        if let Some(missing) = missing(operation, &variables) {
            return Err(Box::new(Answer::refused_with(Code::BadUserInput, missing)));
        }
        let kind = kind(operation.ty);
        let begin = match kind {
            OperationKind::Subscription => begin(operation, &variables),
            _ => None,
        };
        let name = parameters
            .operation_name
            .filter(|_| matches!(operations, DocumentOperations::Multiple(_)));
        let shape = Shape::new(document.clone(), name.as_deref(), &variables);
        let mut request = Request::new(&document.text).variables(variables);
        request.operation_name = name;
        request.set_parsed_query(document.parsed.clone());
        Ok(Operation {
            kind,
            cost,
            trusted: document.trusted,
            begin,
            fields: document.fields.clone(),
            shape,
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

/// A variable that has to have a value and has none, for which nothing is executed (GraphQL, October 2021, section 6.1.2).
fn missing(operation: &OperationDefinition, variables: &Variables) -> Option<ServerError> {
    let mut defined = operation.variable_definitions.iter();
    let missing = defined.find(|defined| {
        let has_value = !matches!(
            variables.get(&defined.node.name.node),
            None | Some(Value::Null)
        );
        !defined.node.var_type.node.nullable && defined.node.default_value.is_none() && !has_value
    })?;
    let (name, of) = (&missing.node.name.node, &missing.node.var_type.node);
    let message =
        format!("The variable \"${name}\" of the type \"{of}\" needs a value in `variables`.");
    Some(ServerError::new(message, Some(missing.pos)))
}

fn kind(of: OperationType) -> OperationKind {
    match of {
        OperationType::Query => OperationKind::Query,
        OperationType::Mutation => OperationKind::Mutation,
        OperationType::Subscription => OperationKind::Subscription,
    }
}

fn refused(error: &DocumentError) -> Answer {
    let code = match error {
        DocumentError::TooComplex(_) => Code::TooComplex,
        DocumentError::Syntax(_) => Code::ParseFailed,
        DocumentError::UnknownId(_) => Code::DocumentNotFound,
        DocumentError::UnknownHash => Code::PersistedQueryNotFound,
        DocumentError::OtherHash => Code::BadRequest,
        DocumentError::NotTrusted => Code::DocumentNotTrusted,
    };
    let mut refusal = ServerError::new(error.to_string(), None);
    if let DocumentError::Syntax(error) = error {
        refusal.locations = error.positions().collect();
    }
    Answer::refused_with(code, refusal)
}
