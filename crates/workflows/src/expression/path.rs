//! Plain lookups, `trigger.body.items[0]["a key"]`, which is what nearly all expressions are.
//!
//! They are evaluated without the virtual machine, and their errors can say exactly which step of the way is missing.

use minijinja::Value;

/// One step of a lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Name(Box<str>),
    Index(usize),
}

/// Parses an expression that is nothing but a lookup; anything else is `None` and left to the virtual machine.
pub(super) fn parse(source: &str) -> Option<Vec<Segment>> {
    let (first, mut rest) = name(source.trim())?;
    if matches!(
        first,
        "true" | "false" | "none" | "True" | "False" | "None" | "not"
    ) {
        return None;
    }
    let mut path = vec![Segment::Name(first.into())];
    while !rest.is_empty() {
        let (segment, tail) = if let Some(after) = rest.strip_prefix('.') {
            let (name, tail) = name(after)?;
            (Segment::Name(name.into()), tail)
        } else {
            let (inside, tail) = rest.strip_prefix('[')?.split_once(']')?;
            (subscript(inside.trim())?, tail)
        };
        path.push(segment);
        rest = tail;
    }
    Some(path)
}

fn name(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((name, rest))
}

fn subscript(inside: &str) -> Option<Segment> {
    if let Ok(index) = inside.parse() {
        return Some(Segment::Index(index));
    }
    let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let key = inside.strip_prefix(quote)?.strip_suffix(quote)?;
    (!key.contains(['"', '\'', '\\'])).then(|| Segment::Name(key.into()))
}

/// Follows the path; the error is the part of it that is not there.
pub(super) fn follow(path: &[Segment], scope: &Value) -> Result<Value, String> {
    let mut value = scope.clone();
    for (depth, segment) in path.iter().enumerate() {
        let next = match segment {
            Segment::Name(name) => value.get_attr(name),
            Segment::Index(index) => value.get_item_by_index(*index),
        };
        value = next.unwrap_or(Value::UNDEFINED);
        if value.is_undefined() {
            return Err(shown(&path[..=depth]));
        }
    }
    Ok(value)
}

fn shown(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Name(name) if text.is_empty() => text.push_str(name),
            Segment::Name(plain) if name(plain).is_some_and(|(_, rest)| rest.is_empty()) => {
                text.push('.');
                text.push_str(plain);
            }
            Segment::Name(name) => text.push_str(&format!("[\"{name}\"]")),
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_are_recognised() {
        assert_eq!(
            parse(r#" steps["a b"].output[0] "#).unwrap(),
            [
                Segment::Name("steps".into()),
                Segment::Name("a b".into()),
                Segment::Name("output".into()),
                Segment::Index(0)
            ]
        );
    }

    #[test]
    fn everything_else_is_left_alone() {
        for other in [
            "a + b",
            "a | upper",
            "a.b()",
            "1",
            "\"text\"",
            "true",
            "a[b]",
            "a[-1]",
            "a.",
            "a b",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
