//! Cuts a config string into text and expressions.

use super::{ExpressionError, MAX_EXPRESSION};

/// A piece of a config string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// What stands between `{{` and `}}`, and the byte at which it starts in the whole string.
    Expression {
        source: &'a str,
        offset: usize,
    },
}

/// Cuts `text` at its `{{ … }}`. Braces and quotes inside an expression are respected, so `{{ {"a": {"b": 1}} }}` is
/// one expression and `{{ "}}" }}` too.
pub(super) fn split(text: &str) -> Result<Vec<Piece<'_>>, ExpressionError> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{{") {
        let open = at + open;
        if open > at {
            pieces.push(Piece::Text(&text[at..open]));
        }
        let start = open + 2;
        let length = closing(&text[start..]).ok_or_else(|| {
            ExpressionError::at(
                text,
                open,
                "this `{{` has no matching `}}`; write {{ \"{{\" }} to mean the two braces themselves",
            )
        })?;
        let source = &text[start..start + length];
        if source.len() > MAX_EXPRESSION {
            return Err(ExpressionError::at(
                text,
                open,
                format!("the expression is longer than {MAX_EXPRESSION} bytes"),
            ));
        }
        if source.trim().is_empty() {
            return Err(ExpressionError::at(text, open, "the expression is empty"));
        }
        pieces.push(Piece::Expression {
            source,
            offset: start,
        });
        at = start + length + 2;
    }
    if at < text.len() {
        pieces.push(Piece::Text(&text[at..]));
    }
    Ok(pieces)
}

/// How many bytes come before the `}}` that ends the expression `rest` starts with.
fn closing(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'}' if depth == 0 && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            quote @ (b'"' | b'\'') => at = string_end(bytes, at, quote)?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The index of the quote that closes the string which `bytes[open]` opens.
pub(super) fn string_end(bytes: &[u8], open: usize, quote: u8) -> Option<usize> {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b if b == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(source: &str, offset: usize) -> Piece<'_> {
        Piece::Expression { source, offset }
    }

    #[test]
    fn text_and_expressions_alternate() {
        assert_eq!(
            split("Hello {{ trigger.name }}!").unwrap(),
            [
                Piece::Text("Hello "),
                expression(" trigger.name ", 8),
                Piece::Text("!")
            ]
        );
        assert_eq!(split("plain").unwrap(), [Piece::Text("plain")]);
        assert_eq!(
            split("{{a}}{{b}}").unwrap(),
            [expression("a", 2), expression("b", 7)]
        );
    }

    #[test]
    fn braces_and_quotes_inside_an_expression_do_not_end_it() {
        assert_eq!(
            split(r#"{{ {"a": {"b": 1}} }}"#).unwrap(),
            [expression(r#" {"a": {"b": 1}} "#, 2)]
        );
        assert_eq!(
            split(r#"{{ "}}" }}"#).unwrap(),
            [expression(r#" "}}" "#, 2)]
        );
        assert_eq!(
            split(r#"{{ "\"}}" }}"#).unwrap(),
            [expression(r#" "\"}}" "#, 2)]
        );
    }

    #[test]
    fn faults_have_a_position() {
        insta::assert_snapshot!(split("a {{ b").unwrap_err(), @r#"this `{{` has no matching `}}`; write {{ "{{" }} to mean the two braces themselves, at character 3"#);
        insta::assert_snapshot!(split("é {{ }}").unwrap_err(), @"the expression is empty, at character 3");
        assert!(split(&format!("{{{{ {} }}}}", "1+".repeat(MAX_EXPRESSION))).is_err());
    }
}
