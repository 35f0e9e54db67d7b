//! Filling the templates of a manifest: `Bearer {token}`.

use zeroize::Zeroizing;

use crate::credentials::Credentials;

/// `template` with each `{field}` replaced by that member of the credentials, an absent one by nothing. A brace that
/// encloses no field name stays as it is.
pub(crate) fn fill(template: &str, credentials: &Credentials) -> Zeroizing<String> {
    let mut filled = Zeroizing::new(String::with_capacity(template.len() + 64));
    let mut rest = template;
    while let Some((before, name, after)) = next_field(rest) {
        filled.push_str(before);
        if let Some(secret) = credentials.field(name) {
            filled.push_str(secret.expose());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Whether there is something to fill a template with: it names no field, or one that was given.
pub(super) fn fills(template: &str, credentials: &Credentials) -> bool {
    let (mut rest, mut names_some) = (template, false);
    while let Some((_, name, after)) = next_field(rest) {
        let given = credentials.field(name);
        if given.is_some_and(|secret| !secret.expose().is_empty()) {
            return true;
        }
        (rest, names_some) = (after, true);
    }
    !names_some
}

fn next_field(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        let inside = &text[open + 1..];
        let length =
            inside.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')?;
        if length > 0 && inside[length..].starts_with('}') {
            return Some((&text[..open], &inside[..length], &inside[length + 1..]));
        }
        from = open + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injection::example;

    #[test]
    fn fills_fields_and_keeps_other_braces() {
        let credentials = example::credentials(r#"{"scheme": "bearer", "token": "{name}"}"#);

        assert_eq!(
            fill("Bearer {token}", &credentials).as_str(),
            "Bearer {name}"
        );
        assert_eq!(
            fill("{token}{absent}{token}", &credentials).as_str(),
            "{name}{name}"
        );
        assert_eq!(
            fill(r#"{"a": {}} {to ken} {"#, &credentials).as_str(),
            r#"{"a": {}} {to ken} {"#
        );
    }

    #[test]
    fn a_template_without_any_of_its_fields_is_not_filled() {
        let credentials = example::credentials(r#"{"scheme": "bearer", "token": "t"}"#);
        let filled = [
            "fixed",
            "Bearer {token}",
            "{absent}{token}",
            "Bearer {absent}",
        ]
        .map(|template| fills(template, &credentials));
        assert_eq!(filled, [true, true, true, false]);
    }
}
