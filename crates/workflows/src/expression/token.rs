//! The words and signs of an expression, as far as its structure needs them.

use std::ops::Range;

use super::split::string_end;

/// One word, literal or sign, and where it stands in the expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind<'a>,
    pub at: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Word(&'a str),
    Number,
    Text,
    Sign(&'a str),
}

/// The signs, longer ones before those that they start with.
const SIGNS: [&str; 26] = [
    "**", "//", "==", "!=", "<=", ">=", "*", "/", "%", "+", "-", "~", "<", ">", "=", "|", ".", ",",
    ":", "(", ")", "[", "]", "{", "}", "!",
];

/// The tokens of an expression; nothing when there is something in it that is none.
pub(super) fn tokens(source: &str) -> Option<Vec<Token<'_>>> {
    let bytes = source.as_bytes();
    let mut found: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        let first = rest.chars().next()?;
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let after_dot = found
            .last()
            .is_some_and(|token| token.kind == Kind::Sign(".") && token.at.end == at);
        let (kind, end) = match bytes[at] {
            quote @ (b'"' | b'\'') => (Kind::Text, string_end(bytes, at, quote)? + 1),
            b'0'..=b'9' => (Kind::Number, at + number(rest, after_dot)),
            b if b.is_ascii_alphabetic() || b == b'_' => {
                let end = at + word(rest);
                (Kind::Word(&source[at..end]), end)
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
                (Kind::Sign(sign), at + sign.len())
            }
        };
        found.push(Token { kind, at: at..end });
        at = end;
    }
    Some(found)
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(rest.len())
}

/// How long the number is with which `rest` starts, by the library's rules: `1.5e-3`, `0xff`, `1_000`, and `1.real` is
/// a 1 followed by a lookup.
fn number(rest: &str, after_dot: bool) -> usize {
    let bytes = rest.as_bytes();
    let hexadecimal = matches!(bytes.get(..2), Some(b"0x" | b"0X"));
    if hexadecimal || matches!(bytes.get(..2), Some(b"0b" | b"0B" | b"0o" | b"0O")) {
        let digits = bytes[2..].iter().take_while(|b| {
            b.is_ascii_digit() || **b == b'_' || hexadecimal && b.is_ascii_hexdigit()
        });
        return 2 + digits.count();
    }
    let mut end = 0;
    let (mut fraction, mut exponent) = (after_dot, false);
    while let Some(b) = bytes.get(end) {
        match b {
            b'0'..=b'9' | b'_' => {}
            b'.' if !fraction && !exponent => {
                let tail = &rest[end + 1..];
                let is_exponent = matches!(
                    tail.as_bytes(),
                    [b'e' | b'E', b'+' | b'-' | b'0'..=b'9', ..]
                );
                if tail.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !is_exponent {
                    break;
                }
                fraction = true;
            }
            b'e' | b'E' if !exponent && !after_dot => exponent = true,
            b'+' | b'-' if matches!(bytes.get(end.wrapping_sub(1)), Some(b'e' | b'E')) => {}
            _ => break,
        }
        end += 1;
    }
    end.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source)
            .unwrap()
            .into_iter()
            .map(|token| &source[token.at])
            .collect()
    }

    #[test]
    fn literals_words_and_signs_are_told_apart() {
        assert_eq!(
            words("a.b[0]*1.5e-3//2"),
            ["a", ".", "b", "[", "0", "]", "*", "1.5e-3", "//", "2"]
        );
        assert_eq!(
            words("'a * b' ~ x**0xff"),
            ["'a * b'", "~", "x", "**", "0xff"]
        );
        assert_eq!(
            words("a.0.1 + 1.real"),
            ["a", ".", "0", ".", "1", "+", "1", ".", "real"]
        );
        assert_eq!(tokens("a ? b"), None);
        assert_eq!(tokens("'open"), None);
    }
}
