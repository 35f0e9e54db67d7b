//! The changes of an expression, and what comes of making them.

use std::fmt::Write;
use std::ops::Range;

use super::LOOK_UP;

/// An expression as the library gets it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::expression) struct Rewritten {
    pub source: String,
    /// Where pieces of the original went: (byte in `source`, byte in the original), ascending.
    origins: Vec<(usize, usize)>,
    /// The calls that stand for operators: (byte in `source`, the operator and its operands in the original).
    calls: Vec<(usize, Operation)>,
    /// Where in the original the lookups start that became calls.
    lookups: Vec<usize>,
}

/// An operator and its operands, in the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::expression) struct Operation {
    pub sign: Range<usize>,
    pub left: Range<usize>,
    pub right: Range<usize>,
}
impl Rewritten {
    /// The byte of the original that is meant by a byte of the rewritten source.
    pub fn origin(&self, at: usize) -> usize {
        let index = self.origins.partition_point(|(start, _)| *start <= at);
        match index.checked_sub(1).map(|index| self.origins[index]) {
            Some((start, origin)) => origin + (at - start),
            None => 0,
        }
    }

    /// The names with which the lookups start that became calls.
    pub fn looked_up(&self, source: &str) -> impl Iterator<Item = String> {
        let name = |at: &usize| {
            let name = source[*at..].chars();
            name.take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect()
        };
        self.lookups
            .iter()
            .map(name)
            .collect::<Vec<String>>()
            .into_iter()
    }

    /// The operator whose call starts at that byte of the rewritten source.
    pub fn operation(&self, at: usize) -> Option<&Operation> {
        let found = self.calls.binary_search_by_key(&at, |(start, _)| *start);
        found.ok().map(|index| &self.calls[index].1)
    }
}
/// A change of the source.
#[derive(Debug)]
pub(super) enum Edit {
    /// A closing parenthesis after an operand.
    Close(usize),
    /// The name of a function in front of an operand.
    Open(usize, &'static str, Operation),
    /// The operator becomes a comma.
    Comma(Range<usize>),
    /// A lookup becomes a call.
    LookUp(Range<usize>),
}

impl Edit {
    /// What ends somewhere comes before what starts there, and of what starts there the outermost, which was found last.
    fn order(&self, found: usize) -> (usize, u8, usize) {
        match self {
            Edit::Close(at) => (*at, 0, found),
            Edit::Open(at, ..) => (*at, 1, usize::MAX - found),
            Edit::Comma(range) | Edit::LookUp(range) => (range.start, 2, found),
        }
    }
}

pub(super) fn apply(source: &str, edits: Vec<Edit>) -> Rewritten {
    let mut edits: Vec<_> = edits.into_iter().enumerate().collect();
    edits.sort_by_key(|(found, edit)| edit.order(*found));
    let mut rewritten = Rewritten {
        source: String::with_capacity(source.len() + edits.len() * 12),
        origins: vec![(0, 0)],
        calls: Vec::new(),
        lookups: Vec::new(),
    };
    let mut at = 0;
    for (_, edit) in edits {
        let range = match &edit {
            Edit::Close(at) | Edit::Open(at, ..) => *at..*at,
            Edit::Comma(range) | Edit::LookUp(range) => range.clone(),
        };
        rewritten.source.push_str(&source[at..range.start]);
        let start = rewritten.source.len();
        rewritten.origins.push((start, range.start));
        match edit {
            Edit::Close(_) => rewritten.source.push(')'),
            Edit::Open(_, name, operation) => {
                rewritten.calls.push((start, operation));
                rewritten.source.push_str(name);
                rewritten.source.push('(');
            }
            Edit::Comma(_) => rewritten.source.push_str(" , "),
            Edit::LookUp(ref range) => {
                rewritten.lookups.push(range.start);
                // Writing to a String cannot fail, and a lookup holds no character that Rust and the library escape
                // in different ways.
                let _ = write!(rewritten.source, "{LOOK_UP}({:?})", &source[range.clone()]);
            }
        }
        at = range.end;
        rewritten.origins.push((rewritten.source.len(), at));
    }
    rewritten.source.push_str(&source[at..]);
    rewritten
}
