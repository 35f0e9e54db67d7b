//! What operators join: values with what is looked up in them, called, and applied to them.

use super::edit::Edit;
use super::reader::{Node, Reader};
use crate::expression::path;
use crate::expression::token::Kind;

impl<'a> Reader<'a> {
    /// An operand with the filters and tests that are applied to it.
    pub fn filtered(&mut self) -> Option<Node> {
        let operand = self.operand()?;
        let mut read = operand.clone();
        loop {
            let filter = match self.peek() {
                Some(Kind::Sign("|")) => true,
                Some(Kind::Word("is")) => false,
                _ => return Some(read),
            };
            self.take()?;
            if !filter {
                self.word("not");
            }
            let name = self.name()?;
            let forgiving = match filter {
                true => matches!(name, "default" | "d"),
                false => matches!(name, "defined" | "undefined"),
            };
            let plain = read.at == operand.at;
            if plain && forgiving && path::parse(&self.source[operand.at.clone()]).is_some() {
                self.edits.push(Edit::LookUp(operand.at.clone()));
            }
            let arguments = match self.peek() {
                Some(Kind::Sign("(")) => self.arguments()?,
                _ if !filter && self.has_bare_argument() => self.operand()?.height,
                _ => 0,
            };
            read = self.node(read.at.start, read.height.max(arguments) + 2)?;
        }
    }

    /// The name of a filter or test, which may have dots in it.
    fn name(&mut self) -> Option<&'a str> {
        let Some(Kind::Word(name)) = self.peek() else {
            return None;
        };
        self.take()?;
        while self.sign(".") {
            let Some(Kind::Word(_)) = self.peek() else {
                return None;
            };
            self.take()?;
        }
        Some(name)
    }

    /// `x is divisibleby 3` has an argument without parentheses.
    fn has_bare_argument(&self) -> bool {
        match self.peek() {
            Some(Kind::Word(word)) => !matches!(word, "and" | "or" | "else" | "is"),
            Some(Kind::Number | Kind::Text) => true,
            Some(Kind::Sign(sign)) => matches!(sign, "+" | "-" | "[" | "{"),
            None => false,
        }
    }

    fn operand(&mut self) -> Option<Node> {
        let (start, first) = (self.start()?, self.next);
        while self.sign("-") {}
        let signs = self.next - first;
        let mut height = self.primary()?;
        loop {
            height = match self.peek() {
                Some(Kind::Sign(".")) => {
                    self.take()?;
                    let (Some(Kind::Word(_)) | Some(Kind::Number)) = self.peek() else {
                        return None;
                    };
                    self.take()?;
                    height + 1
                }
                Some(Kind::Sign("[")) => height.max(self.subscript()?) + 1,
                Some(Kind::Sign("(")) => height.max(self.arguments()?) + 1,
                _ => return self.node(start, height + signs),
            };
        }
    }

    /// `[index]` or `[start:stop:step]`.
    fn subscript(&mut self) -> Option<usize> {
        self.take()?;
        let mut height = 0;
        loop {
            if self.sign("]") {
                return Some(height);
            }
            if !self.sign(":") {
                height = height.max(self.nested(Self::expression)?.height);
                if !matches!(self.peek(), Some(Kind::Sign("]" | ":"))) {
                    return None;
                }
            }
        }
    }

    fn arguments(&mut self) -> Option<usize> {
        self.take()?;
        let mut height = 0;
        loop {
            if self.sign(")") {
                return Some(height);
            }
            // `*list` and `**object` hand over their members as arguments.
            let _ = self.sign("**") || self.sign("*");
            height = height.max(self.nested(Self::expression)?.height);
            if self.sign("=") {
                height = height.max(self.nested(Self::expression)?.height);
            }
            if !self.sign(",") && self.peek() != Some(Kind::Sign(")")) {
                return None;
            }
        }
    }

    fn primary(&mut self) -> Option<usize> {
        match self.peek()? {
            Kind::Word(_) | Kind::Number => self.take().map(|_| 1),
            Kind::Text => {
                while self.skip(Kind::Text) {}
                Some(1)
            }
            Kind::Sign("(") => self.members(")", false),
            Kind::Sign("[") => self.members("]", false),
            Kind::Sign("{") => self.members("}", true),
            Kind::Sign(_) => None,
        }
    }

    fn members(&mut self, close: &str, pairs: bool) -> Option<usize> {
        self.take()?;
        let mut height = 0;
        loop {
            if self.sign(close) {
                return Some(height + 1);
            }
            height = height.max(self.nested(Self::expression)?.height);
            if pairs {
                if !self.sign(":") {
                    return None;
                }
                height = height.max(self.nested(Self::expression)?.height);
            }
            if !self.sign(",") && self.peek() != Some(Kind::Sign(close)) {
                return None;
            }
        }
    }
}
