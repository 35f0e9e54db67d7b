//! A config with its expressions compiled.

use std::fmt;
use std::sync::Arc;

use minijinja::{ErrorKind, Expression};

use super::environment::{ENVIRONMENT, FUNCTIONS, has_filter, has_test};
use super::path::{self, Segment};
use super::references::{filters, references, tests};
use super::rewrite::{MAX_HEIGHT, Rewritten, Unreadable, rewrite};
use super::scope::InScope;
use super::split::{Piece, split};
use super::{ExpressionError, Reference, Value, from_json};

/// A JSON value whose strings may hold expressions. Parsed once, when a definition is; evaluated once per step.
#[derive(Debug)]
pub enum Template {
    /// A value without an expression in it.
    Literal(Value),
    /// A string that is exactly one expression.
    Expression(Compiled),
    /// A string with expressions in it.
    Text(Vec<Part>),
    /// A list, some of whose items hold expressions.
    List(Vec<Template>),
    /// An object, some of whose members hold expressions.
    Object(Vec<(Box<str>, Template)>),
}

/// A piece of a string with expressions in it.
#[derive(Debug)]
pub enum Part {
    /// Taken as it is.
    Text(Box<str>),
    /// Replaced by its value.
    Expression(Compiled),
}

/// One expression, ready to be evaluated.
pub struct Compiled {
    pub(super) source: Box<str>,
    /// The whole config string, for positions in errors. Its expressions share it.
    pub(super) text: Arc<str>,
    pub(super) offset: usize,
    pub(super) program: Program,
}

pub(super) enum Program {
    Path(Vec<Segment>),
    Virtual(Box<Virtual>),
}

/// An expression for the library's virtual machine.
pub(super) struct Virtual {
    pub expression: Expression<'static, 'static>,
    pub rewritten: Rewritten,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{}}}}}", self.source)
    }
}

/// Something about an expression that the definition has to answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The names and indexes that lead from the config to the string.
    pub field: Vec<String>,
    /// The step that is named.
    pub reference: Reference,
    /// Where the key stands in the config string, counted in characters from 1.
    pub position: usize,
}

impl Template {
    /// Compiles every expression in a node's config; all faults are reported, not only the first.
    pub fn parse(config: &serde_json::Value) -> Result<Template, Vec<ExpressionError>> {
        Self::parse_in(config, InScope::Run)
    }

    /// The same for a config in which other names are in scope.
    pub fn parse_in(
        config: &serde_json::Value,
        scope: InScope,
    ) -> Result<Template, Vec<ExpressionError>> {
        match config {
            serde_json::Value::String(text) if text.contains("{{") => {
                string(text, scope).map_err(|error| vec![error])
            }
            serde_json::Value::Array(items) => {
                let parsed = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (index.to_string(), Template::parse_in(item, scope)));
                Ok(list(
                    gather(parsed)?.into_iter().map(|(_, item)| item).collect(),
                ))
            }
            serde_json::Value::Object(members) => {
                let parsed = members
                    .iter()
                    .map(|(name, value)| (name.clone(), Template::parse_in(value, scope)));
                Ok(object(gather(parsed)?))
            }
            literal => Ok(Template::Literal(from_json(literal))),
        }
    }

    /// Every step that the expressions name, with where they do.
    pub fn references(&self) -> Vec<TemplateFault> {
        let mut found = Vec::new();
        self.collect(&mut Vec::new(), &mut found);
        found
    }

    fn collect(&self, field: &mut Vec<String>, found: &mut Vec<TemplateFault>) {
        let mut add = |compiled: &Compiled| {
            found.extend(references(&compiled.source).into_iter().map(|reference| {
                TemplateFault {
                    field: field.clone(),
                    position: compiled.text[..compiled.offset + reference.offset]
                        .chars()
                        .count()
                        + 1,
                    reference,
                }
            }));
        };
        match self {
            Template::Literal(_) => {}
            Template::Expression(compiled) => add(compiled),
            Template::Text(parts) => parts.iter().for_each(|part| {
                if let Part::Expression(compiled) = part {
                    add(compiled);
                }
            }),
            Template::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    field.push(index.to_string());
                    item.collect(field, found);
                    field.pop();
                }
            }
            Template::Object(members) => {
                for (name, value) in members {
                    field.push(name.to_string());
                    value.collect(field, found);
                    field.pop();
                }
            }
        }
    }
}

type Parsed = Result<Template, Vec<ExpressionError>>;

fn gather(
    parsed: impl Iterator<Item = (String, Parsed)>,
) -> Result<Vec<(Box<str>, Template)>, Vec<ExpressionError>> {
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for (name, result) in parsed {
        match result {
            Ok(template) => good.push((name.into_boxed_str(), template)),
            Err(errors) => bad.extend(errors.into_iter().map(|error| error.under(name.clone()))),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

/// A list without expressions is a literal: evaluating it is one reference count.
fn list(items: Vec<Template>) -> Template {
    if items
        .iter()
        .all(|item| matches!(item, Template::Literal(_)))
    {
        let values = items.into_iter().filter_map(|item| match item {
            Template::Literal(value) => Some(value),
            _ => None,
        });
        return Template::Literal(Value::from(values.collect::<Vec<_>>()));
    }
    Template::List(items)
}

fn object(members: Vec<(Box<str>, Template)>) -> Template {
    if members
        .iter()
        .all(|(_, value)| matches!(value, Template::Literal(_)))
    {
        let values = members.into_iter().filter_map(|(name, value)| match value {
            Template::Literal(value) => Some((Value::from(&*name), value)),
            _ => None,
        });
        return Template::Literal(Value::from_pairs(values));
    }
    Template::Object(members)
}

fn string(text: &str, scope: InScope) -> Result<Template, ExpressionError> {
    let pieces = split(text)?;
    let text: Arc<str> = text.into();
    if let [Piece::Expression { source, offset }] = pieces[..] {
        return Ok(Template::Expression(compile(&text, source, offset, scope)?));
    }
    let parts = pieces.into_iter().map(|piece| match piece {
        Piece::Text(plain) => Ok(Part::Text(plain.into())),
        Piece::Expression { source, offset } => {
            Ok(Part::Expression(compile(&text, source, offset, scope)?))
        }
    });
    Ok(Template::Text(parts.collect::<Result<_, _>>()?))
}

pub(super) fn compile(
    text: &Arc<str>,
    source: &str,
    offset: usize,
    scope: InScope,
) -> Result<Compiled, ExpressionError> {
    let names = scope.names();
    let fault =
        |inside: usize, message: String| ExpressionError::at(text, offset + inside, message);
    let rewritten = match rewrite(source) {
        Ok(rewritten) => rewritten,
        Err(Unreadable::TooDeep(at)) => {
            let message = format!(
                "the expression is nested too deeply, or has more than {MAX_HEIGHT} operators in a row; compute parts of it in a `set` node"
            );
            return Err(fault(at, message));
        }
        Err(Unreadable::Syntax(harmless)) => {
            let error = ENVIRONMENT.compile_expression_owned(harmless).err();
            let inside = error.as_ref().and_then(minijinja::Error::range);
            let message = error
                .as_ref()
                .map_or_else(|| "the expression does not parse".to_owned(), described);
            return Err(fault(inside.map_or(0, |range| range.start), message));
        }
    };
    let expression = ENVIRONMENT
        .compile_expression_owned(rewritten.source.clone())
        .map_err(|error| {
            let inside = error.range().map_or(0, |range| range.start);
            fault(rewritten.origin(inside), described(&error))
        })?;
    let mut unknown: Vec<_> = expression
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| !names.contains(&name.as_str()) && !FUNCTIONS.contains(&name.as_str()))
        .filter(|name| !name.starts_with("__") || source.contains(name.as_str()))
        .chain(
            rewritten
                .looked_up(source)
                .filter(|name| !names.contains(&name.as_str())),
        )
        .collect();
    unknown.sort();
    unknown.dedup();
    if let Some(name) = unknown.first() {
        let message = match has_filter(name) {
            true => format!("`{name}` is a filter; write `value | {name}`"),
            false => format!(
                "there is no `{name}` here; in scope are {}",
                names.join(", ")
            ),
        };
        return Err(fault(source.find(name.as_str()).unwrap_or(0), message));
    }
    if let Some((name, inside)) = filters(source)
        .into_iter()
        .find(|(name, _)| !has_filter(name))
    {
        return Err(fault(inside, format!("there is no filter `{name}`")));
    }
    if let Some((name, inside)) = tests(source).into_iter().find(|(name, _)| !has_test(name)) {
        return Err(fault(inside, format!("there is no test `{name}`")));
    }
    let program = match path::parse(source) {
        Some(path) => Program::Path(path),
        None => Program::Virtual(Box::new(Virtual {
            expression,
            rewritten,
        })),
    };
    Ok(Compiled {
        source: source.into(),
        text: text.clone(),
        offset,
        program,
    })
}

/// The library's message, without its name for the kind of error where it only says that there is one.
pub(super) fn described(error: &minijinja::Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "the expression takes too many steps to evaluate".to_owned(),
        (ErrorKind::SyntaxError, Some(detail)) => {
            format!("the expression does not parse: {detail}")
        }
        (ErrorKind::UndefinedError, Some(detail)) => {
            format!("{detail}; add `| default(…)` if it may be missing")
        }
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}
