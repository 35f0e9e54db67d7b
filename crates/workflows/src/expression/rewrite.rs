//! Puts the operators whose result can be larger than their operands under the [meter](super::meter).
//!
//! The library limits `*` on texts and lists to a hundred million bytes or items, `~` and `+` not at all, and computes
//! constants already when it compiles. So `a * b` becomes a call of a function of ours before the library sees it, and
//! the same with `~`, `+` and `in`. A lookup in front of `default` or `is defined` becomes a call too, which finds
//! nothing where the library would complain that something on the way is missing.
//!
//! This reads the structure of an expression by the library's grammar, and nothing more: what it does not understand is
//! left to the library to complain about.

use std::fmt::Write;
use std::ops::Range;

use super::path;
use super::token::{Kind, Token, tokens};

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

/// An expression as the library gets it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewritten {
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
pub(super) struct Operation {
    pub sign: Range<usize>,
    pub left: Range<usize>,
    pub right: Range<usize>,
}

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
    let mut reader = Reader {
        source,
        tokens: &tokens,
        next: 0,
        depth: 0,
        too_deep: None,
        edits: Vec::new(),
    };
    let whole = reader.expression();
    if let Some(at) = reader.too_deep {
        return Err(Unreadable::TooDeep(at));
    }
    match whole {
        Some(_) if reader.next == tokens.len() => {
            Ok(apply(&on_one_line(source, &tokens), reader.edits))
        }
        _ => Err(Unreadable::Syntax(defused(source))),
    }
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

/// A change of the source.
#[derive(Debug)]
enum Edit {
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

fn apply(source: &str, edits: Vec<Edit>) -> Rewritten {
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

/// What was read: where it stands, and how high its tree is.
#[derive(Debug, Clone)]
struct Node {
    at: Range<usize>,
    height: usize,
}

/// Reads the structure. Every function returns what it read, or nothing when it is not there.
struct Reader<'a> {
    source: &'a str,
    tokens: &'a [Token<'a>],
    next: usize,
    depth: usize,
    too_deep: Option<usize>,
    edits: Vec<Edit>,
}

type Level<'a> = fn(&mut Reader<'a>) -> Option<Node>;

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<Kind<'a>> {
        self.tokens.get(self.next).map(|token| token.kind)
    }

    fn take(&mut self) -> Option<Range<usize>> {
        let token = self.tokens.get(self.next)?;
        self.next += 1;
        Some(token.at.clone())
    }

    fn skip(&mut self, kind: Kind<'_>) -> bool {
        let there = self.peek() == Some(kind);
        self.next += usize::from(there);
        there
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.skip(Kind::Sign(sign))
    }

    fn word(&mut self, word: &str) -> bool {
        self.skip(Kind::Word(word))
    }

    fn start(&self) -> Option<usize> {
        self.tokens.get(self.next).map(|token| token.at.start)
    }

    /// What reaches from `start` to the last token that was taken.
    fn node(&mut self, start: usize, height: usize) -> Option<Node> {
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

    fn nested(&mut self, level: Level<'a>) -> Option<Node> {
        if self.depth >= MAX_HEIGHT {
            self.too_deep = self.too_deep.or(self.start());
            return None;
        }
        self.depth += 1;
        let node = level(self)?;
        self.depth -= 1;
        Some(node)
    }

    fn expression(&mut self) -> Option<Node> {
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

    /// An operand with the filters and tests that are applied to it.
    fn filtered(&mut self) -> Option<Node> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(source: &str) -> String {
        rewrite(source).unwrap().source
    }

    #[test]
    fn operators_become_calls() {
        assert_eq!(rewritten("a*b"), "__multiply(a , b)");
        assert_eq!(rewritten("a+b*c"), "__add(a , __multiply(b , c))");
        assert_eq!(rewritten("a*b/c*d"), "__multiply(__multiply(a , b)/c , d)");
        assert_eq!(rewritten("(a+b)*c"), "__multiply((__add(a , b)) , c)");
        assert_eq!(
            rewritten("-a.b[x*1]|f(y=c~d)+1"),
            "__add(-a.b[__multiply(x , 1)]|f(y=__concatenate(c , d)) , 1)"
        );
        assert_eq!(rewritten("a not in b"), "__lacks(a  ,  b)");
        assert_eq!(
            rewritten("a in b and not c in d"),
            "__contains(a  ,  b) and not __contains(c  ,  d)"
        );
        assert_eq!(rewritten("f(*a, **b)"), "f(*a, **b)");
        assert_eq!(
            rewritten("{'a': 'x*y' ~ b, **c}".replace(", **c", "").as_str()),
            "{'a': __concatenate('x*y'  ,  b)}"
        );
        assert_eq!(
            rewritten("x is divisibleby 3 * 2"),
            "__multiply(x is divisibleby 3  ,  2)"
        );
        assert_eq!(rewritten("a ** b if c else d"), "a ** b if c else d");
    }

    #[test]
    fn lookups_before_default_may_find_nothing() {
        assert_eq!(
            rewritten("a.b['c'] | default(1)"),
            r#"__look_up("a.b['c']") | default(1)"#
        );
        assert_eq!(
            rewritten("a.b is defined"),
            r#"__look_up("a.b") is defined"#
        );
        assert_eq!(
            rewritten("a.b | upper | default(1)"),
            "a.b | upper | default(1)"
        );
    }

    #[test]
    fn positions_lead_back() {
        let rewritten = rewrite("x + yy * 'z'").unwrap();
        assert_eq!(rewritten.source, "__add(x  ,  __multiply(yy  ,  'z'))");
        assert_eq!(rewritten.origin(rewritten.source.find("yy").unwrap()), 4);
        assert_eq!(rewritten.origin(rewritten.source.find("'z'").unwrap()), 9);
        let multiply = rewritten.source.find("__multiply").unwrap();
        assert_eq!(rewritten.operation(multiply).unwrap().sign, 7..8);
    }

    #[test]
    fn what_is_not_understood_is_defused() {
        assert_eq!(
            rewrite("'x' * * 5"),
            Err(Unreadable::Syntax("'x' - - 5".to_owned()))
        );
    }

    #[test]
    fn what_is_too_deep_is_left_alone() {
        let too_deep = |source: String| matches!(rewrite(&source), Err(Unreadable::TooDeep(_)));
        for (start, end) in [
            ("(", ")"),
            ("[", "]"),
            ("range(", ")"),
            ("x[", "]"),
            ("1 if ", " else 1"),
            ("x|f(", ")"),
        ] {
            assert!(
                too_deep(format!("{}1{}", start.repeat(120), end.repeat(120))),
                "{start}"
            );
            assert!(
                !too_deep(format!("{}1{}", start.repeat(20), end.repeat(20))),
                "{start}"
            );
        }
        for piece in [
            "1 - ",
            "1 ** ",
            "1 ~ ",
            "1 and ",
            "1 or ",
            "- ",
            "not ",
            "1 if 1 else ",
        ] {
            assert!(too_deep(format!("{}1", piece.repeat(120))), "{piece}");
        }
        for piece in [".a", "[0]", "(1)", "|f", " is g"] {
            assert!(too_deep(format!("x{}", piece.repeat(120))), "{piece}");
        }
    }
}
