//! Which steps an expression reads, and which filters it applies.

use super::split::string_end;
use super::token::{Kind, tokens};

/// A step that an expression names: `steps.charge` or `steps["charge"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The key of the node.
    pub key: String,
    /// The byte offset of the key within the expression.
    pub offset: usize,
}

/// Finds every step that `source` names, outside of its string literals. Steps chosen while the run goes on,
/// `steps[name]`, cannot be known here.
pub(super) fn references(source: &str) -> Vec<Reference> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => at = string_end(bytes, at, quote).unwrap_or(bytes.len()) + 1,
            b if b.is_ascii_alphabetic() || b == b'_' => {
                let end = word_end(bytes, at);
                if &source[at..end] == "steps" && !follows_dot(bytes, at) {
                    found.extend(key_after(source, end));
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// Finds the name of every filter that `source` applies, with its byte offset.
pub(super) fn filters(source: &str) -> Vec<(&str, usize)> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => at = string_end(bytes, at, quote).unwrap_or(bytes.len()),
            b'|' => {
                let start = skip_blanks(bytes, at + 1);
                let end = word_end(bytes, start);
                if end > start {
                    found.push((&source[start..end], start));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Finds the name of every test that `source` applies, with its byte offset.
pub(super) fn tests(source: &str) -> Vec<(&str, usize)> {
    let tokens = tokens(source).unwrap_or_default();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let after_dot = index > 0 && tokens[index - 1].kind == Kind::Sign(".");
        if token.kind != Kind::Word("is") || after_dot {
            continue;
        }
        let rest = &tokens[index + 1..];
        let rest = match rest.first().map(|token| token.kind) {
            Some(Kind::Word("not")) => &rest[1..],
            _ => rest,
        };
        if let Some((Kind::Word(name), at)) = rest.first().map(|token| (token.kind, token.at.start))
        {
            found.push((name, at));
        }
    }
    found
}

fn key_after(source: &str, end: usize) -> Option<Reference> {
    let bytes = source.as_bytes();
    let at = skip_blanks(bytes, end);
    match bytes.get(at)? {
        b'.' => {
            let start = skip_blanks(bytes, at + 1);
            let end = word_end(bytes, start);
            (end > start).then(|| Reference {
                key: source[start..end].to_owned(),
                offset: start,
            })
        }
        b'[' => {
            let open = skip_blanks(bytes, at + 1);
            let quote = *bytes.get(open).filter(|b| matches!(b, b'"' | b'\''))?;
            let close = string_end(bytes, open, quote)?;
            Some(Reference {
                key: source[open + 1..close].to_owned(),
                offset: open + 1,
            })
        }
        _ => None,
    }
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count();
    start + length
}

fn skip_blanks(bytes: &[u8], start: usize) -> usize {
    let start = start.min(bytes.len());
    start
        + bytes[start..]
            .iter()
            .take_while(|b| b.is_ascii_whitespace())
            .count()
}

fn follows_dot(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().find(|b| !b.is_ascii_whitespace()) == Some(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_count_and_strings_do_not() {
        let keys: Vec<_> =
            references(r#"steps.a.output + steps["b-c"].output ~ "steps.d" ~ trigger.steps.e"#)
                .into_iter()
                .map(|reference| (reference.key, reference.offset))
                .collect();
        assert_eq!(keys, [("a".to_owned(), 6), ("b-c".to_owned(), 24)]);
    }

    #[test]
    fn filters_are_found_outside_of_strings() {
        assert_eq!(
            filters("a | upper ~ 'b | lower' | first"),
            [("upper", 4), ("first", 26)]
        );
    }

    #[test]
    fn tests_are_found_too() {
        assert_eq!(
            super::tests("a is defined and b is not even or 'x is y' == c.is"),
            [("defined", 5), ("even", 26)]
        );
    }

    #[test]
    fn a_step_chosen_at_run_time_is_not_known() {
        assert_eq!(references("steps[trigger.body.name].output"), []);
        assert_eq!(references("steps"), []);
        assert_eq!(references("steps."), []);
    }
}
