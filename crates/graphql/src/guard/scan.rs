use super::{GuardError, Limits};

/// How deep brackets may nest: the parser recurses once for each.
const NESTING: u64 = 64;

/// Counts tokens and nesting without building anything, so that the parser never sees what would exhaust it.
///
/// # Errors
///
/// When the text is too long, has too many tokens, or nests too deeply.
pub fn scan(text: &str, limits: &Limits) -> Result<(), GuardError> {
    GuardError::check("bytes", text.len() as u64, limits.bytes as u64)?;
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut nesting) = (0, 0, 0_u64);
    while let Some(&byte) = bytes.get(at) {
        let end = token_end(bytes, at);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b'#' => {}
            _ => tokens += 1,
        }
        match byte {
            b'{' | b'(' | b'[' => nesting += 1,
            b'}' | b')' | b']' => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        GuardError::check("levels of brackets", nesting, NESTING)?;
        GuardError::check("tokens", tokens, limits.tokens as u64)?;
        at = end;
    }
    Ok(())
}

/// Where the token, comment or space that begins at `at` ends.
fn token_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let len = match rest[0] {
        b'#' => rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len()),
        b'"' if rest.starts_with(b"\"\"\"") => block_string(rest),
        b'"' => string(rest),
        b if is_word(b) => rest
            .iter()
            .position(|byte| !is_word(*byte))
            .unwrap_or(rest.len()),
        _ => 1,
    };
    at + len.max(1)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+')
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' | b'\n' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn block_string(rest: &[u8]) -> usize {
    let mut at = 3;
    while at < rest.len() {
        match &rest[at..] {
            [b'\\', b'"', b'"', b'"', ..] => at += 4,
            [b'"', b'"', b'"', ..] => return at + 3,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        let text = format!(
            "{{ a(b: \"{}\") # {}\n }}",
            "{".repeat(100),
            "{".repeat(100)
        );
        assert_eq!(scan(&text, &Limits::default()), Ok(()));
        let text = format!("{{ a(b: \"\"\"{} \\\"\"\" {{\"\"\") }}", "{".repeat(100));
        assert_eq!(scan(&text, &Limits::default()), Ok(()));
    }

    #[test]
    fn refuses_deep_nesting_and_floods() {
        let nested = scan(&"{a".repeat(1000), &Limits::default()).unwrap_err();
        insta::assert_snapshot!(nested, @"The document has 65 levels of brackets; at most 64 are allowed.");
        let flood = scan(&"a ".repeat(20_000), &Limits::default()).unwrap_err();
        insta::assert_snapshot!(flood, @"The document has 10001 tokens; at most 10000 are allowed.");
    }
}
