//! Operators, from the one that binds least to the one that binds most.

use std::ops::Range;

use super::edit::{Edit, Operation};
use super::reader::{Level, Node, Reader};
use super::{ADD, CONCATENATE, CONTAINS, LACKS, MULTIPLY};
use crate::expression::token::Kind;

impl<'a> Reader<'a> {
    pub fn expression(&mut self) -> Option<Node> {
        let mut read = self.either()?;
        while self.word("if") {
            let mut height = read.height.max(self.either()?.height);
            if self.word("else") {
                height = height.max(self.nested(Self::expression)?.height);
            }
            read = self.node(read.at.start, height + 1)?;
        }
        Some(read)
    }

    fn either(&mut self) -> Option<Node> {
        self.words(Self::both, "or")
    }

    fn both(&mut self) -> Option<Node> {
        self.words(Self::negated, "and")
    }

    fn words(&mut self, operand: Level<'a>, word: &str) -> Option<Node> {
        let mut read = operand(self)?;
        while self.word(word) {
            let height = read.height.max(operand(self)?.height);
            read = self.node(read.at.start, height + 1)?;
        }
        Some(read)
    }

    fn negated(&mut self) -> Option<Node> {
        let (start, first) = (self.start()?, self.next);
        while self.word("not") {}
        let nots = self.next - first;
        let height = self.comparison()?.height;
        self.node(start, height + nots)
    }

    fn comparison(&mut self) -> Option<Node> {
        let left = self.sum()?;
        let mut height = left.height;
        let mut compared = Vec::new();
        while let Some((function, sign)) = self.comparator()? {
            let right = self.sum()?;
            height = height.max(right.height);
            compared.push((function, sign, right.at));
        }
        if compared.is_empty() {
            return Some(left);
        }
        // Of a chain, `a < b in c`, every operand but the outer ones belongs to two comparisons.
        if let [(Some(function), sign, right)] = &compared[..] {
            self.call(function, sign.clone(), left.at.clone(), right.clone());
        }
        self.node(left.at.start, height + 2)
    }

    /// The comparison that comes next: the function it is to call, if any, and where it stands.
    fn comparator(&mut self) -> Option<Option<(Option<&'static str>, Range<usize>)>> {
        let here = match self.peek() {
            Some(Kind::Sign("==" | "!=" | "<" | "<=" | ">" | ">=")) => (None, self.take()?),
            Some(Kind::Word("in")) => (Some(CONTAINS), self.take()?),
            Some(Kind::Word("not")) => {
                let not = self.take()?;
                if self.peek() != Some(Kind::Word("in")) {
                    return None;
                }
                (Some(LACKS), not.start..self.take()?.end)
            }
            _ => return Some(None),
        };
        Some(Some(here))
    }

    /// A row of operands with operators between them, which the library reads from the left.
    fn row(
        &mut self,
        operand: Level<'a>,
        signs: &[&str],
        function: Option<(&str, &'static str)>,
    ) -> Option<Node> {
        let mut left = operand(self)?;
        while let Some(Kind::Sign(sign)) = self.peek()
            && signs.contains(&sign)
        {
            let at = self.take()?;
            let right = operand(self)?;
            let whole = self.node(left.at.start, left.height.max(right.height) + 1)?;
            if let Some((_, function)) = function.filter(|(name, _)| *name == sign) {
                self.call(function, at, left.at, right.at);
            }
            left = whole;
        }
        Some(left)
    }

    fn call(
        &mut self,
        function: &'static str,
        sign: Range<usize>,
        left: Range<usize>,
        right: Range<usize>,
    ) {
        self.edits.push(Edit::Comma(sign.clone()));
        self.edits.push(Edit::Close(right.end));
        let start = left.start;
        self.edits
            .push(Edit::Open(start, function, Operation { sign, left, right }));
    }

    fn sum(&mut self) -> Option<Node> {
        self.row(Self::concatenation, &["+", "-"], Some(("+", ADD)))
    }

    fn concatenation(&mut self) -> Option<Node> {
        self.row(Self::product, &["~"], Some(("~", CONCATENATE)))
    }

    fn product(&mut self) -> Option<Node> {
        self.row(Self::power, &["*", "/", "//", "%"], Some(("*", MULTIPLY)))
    }

    fn power(&mut self) -> Option<Node> {
        self.row(Self::filtered, &["**"], None)
    }
}
