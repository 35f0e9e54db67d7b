//! The tokens of an expression, taken one by one.

use std::ops::Range;

use super::edit::Edit;
use super::{MAX_HEIGHT, Token};
use crate::expression::token::Kind;

/// What was read: where it stands, and how high its tree is.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub at: Range<usize>,
    pub height: usize,
}

/// Reads the structure. Every function returns what it read, or nothing when it is not there.
pub(super) struct Reader<'a> {
    pub source: &'a str,
    tokens: &'a [Token<'a>],
    pub next: usize,
    depth: usize,
    pub too_deep: Option<usize>,
    pub edits: Vec<Edit>,
}

pub(super) type Level<'a> = fn(&mut Reader<'a>) -> Option<Node>;

impl<'a> Reader<'a> {
    pub fn new(source: &'a str, tokens: &'a [Token<'a>]) -> Reader<'a> {
        Reader {
            source,
            tokens,
            next: 0,
            depth: 0,
            too_deep: None,
            edits: Vec::new(),
        }
    }

    pub fn is_at_end(&self) -> bool {
        self.next == self.tokens.len()
    }

    pub fn peek(&self) -> Option<Kind<'a>> {
        self.tokens.get(self.next).map(|token| token.kind)
    }

    pub fn take(&mut self) -> Option<Range<usize>> {
        let token = self.tokens.get(self.next)?;
        self.next += 1;
        Some(token.at.clone())
    }

    pub fn skip(&mut self, kind: Kind<'_>) -> bool {
        let there = self.peek() == Some(kind);
        self.next += usize::from(there);
        there
    }

    pub fn sign(&mut self, sign: &str) -> bool {
        self.skip(Kind::Sign(sign))
    }

    pub fn word(&mut self, word: &str) -> bool {
        self.skip(Kind::Word(word))
    }

    pub fn start(&self) -> Option<usize> {
        self.tokens.get(self.next).map(|token| token.at.start)
    }

    /// What reaches from `start` to the last token that was taken.
    pub fn node(&mut self, start: usize, height: usize) -> Option<Node> {
        let end = self.tokens[self.next.checked_sub(1)?].at.end;
        if height > MAX_HEIGHT {
            self.too_deep.get_or_insert(start);
            return None;
        }
        Some(Node {
            at: start..end,
            height,
        })
    }

    pub fn nested(&mut self, level: Level<'a>) -> Option<Node> {
        if self.depth >= MAX_HEIGHT {
            self.too_deep = self.too_deep.or(self.start());
            return None;
        }
        self.depth += 1;
        let node = level(self)?;
        self.depth -= 1;
        Some(node)
    }
}
