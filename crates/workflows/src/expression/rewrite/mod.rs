//! Puts the operators whose result can be larger than their operands under the [meter](super::meter).
//!
//! The library limits `*` on texts and lists to a hundred million bytes or items, `~` and `+` not at all, and computes
//! constants already when it compiles. So `a * b` becomes a call of a function of ours before the library sees it, and
//! the same with `~`, `+` and `in`. A lookup in front of `default` or `is defined` becomes a call too, which finds
//! nothing where the library would complain that something on the way is missing.
//!
//! This reads the structure of an expression by the library's grammar, and nothing more: what it does not understand is
//! left to the library to complain about.

mod edit;
mod operand;
mod operator;
mod reader;
#[cfg(test)]
mod tests;

pub(super) use edit::Rewritten;

use super::token::{Token, tokens};
use edit::apply;
use reader::Reader;

/// The functions that stand for operators.
pub(super) const MULTIPLY: &str = "__multiply";
pub(super) const CONCATENATE: &str = "__concatenate";
pub(super) const ADD: &str = "__add";
pub(super) const CONTAINS: &str = "__contains";
pub(super) const LACKS: &str = "__lacks";
pub(super) const LOOK_UP: &str = "__look_up";

/// How deep an expression may be nested, and how many operators may stand in a row, which is the same to the library: it
/// reads and compiles both by recursion, and has only this much stack.
pub(super) const MAX_HEIGHT: usize = 100;

/// Why an expression cannot be rewritten.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is higher than [`MAX_HEIGHT`], at that byte.
    TooDeep(usize),
    /// It does not parse. This source fails to in the same way, and is harmless to compile.
    Syntax(String),
}

/// Rewrites `source`.
pub(super) fn rewrite(source: &str) -> Result<Rewritten, Unreadable> {
    let Some(tokens) = tokens(source) else {
        return Err(Unreadable::Syntax(defused(source)));
    };
    let mut reader = Reader::new(source, &tokens);
    let whole = reader.expression();
    if let Some(at) = reader.too_deep {
        return Err(Unreadable::TooDeep(at));
    }
    match whole {
        Some(_) if reader.is_at_end() => Ok(apply(&on_one_line(source, &tokens), reader.edits)),
        _ => Err(Unreadable::Syntax(defused(source))),
    }
}
/// The same structure with nothing in it that computes while it is compiled.
fn defused(source: &str) -> String {
    source.replace(['*', '~', '+'], "-")
}

/// The source with blanks for the line breaks between its tokens: where an expression goes over several lines, the library
/// does not know for each part of it where it stands.
fn on_one_line(source: &str, tokens: &[Token<'_>]) -> String {
    let mut line = String::with_capacity(source.len());
    for token in tokens {
        line.push_str(&source[line.len()..token.at.start].replace('\n', " "));
        line.push_str(&source[token.at.clone()]);
    }
    line.push_str(&source[line.len()..]);
    line
}
