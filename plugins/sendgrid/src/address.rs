//! Addresses as people write them: `ada@example.com`, or `Ada <ada@example.com>`.

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;

/// An address as SendGrid takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Address {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// The addresses of a text, between commas.
pub(crate) fn addresses(written: &str, member: &str) -> Result<Vec<Address>> {
    let mut addresses = Vec::new();
    for part in parts(written) {
        let part = part.trim();
        if !part.is_empty() {
            addresses.push(address(part, member)?);
        }
    }
    Ok(addresses)
}

/// One address.
pub(crate) fn address(written: &str, member: &str) -> Result<Address> {
    let written = written.trim();
    let (name, email) = match written
        .strip_suffix('>')
        .and_then(|rest| rest.rsplit_once('<'))
    {
        Some((name, email)) => (unquoted(name.trim()), email.trim()),
        None => (String::new(), written),
    };
    let is_email = email
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if !is_email || email.contains(char::is_whitespace) {
        let shown: String = written.chars().take(80).collect();
        let message = format!(
            "{member} is no e-mail address: `{shown}`. Write it like ada@example.com or Ada <ada@example.com>."
        );
        return Err(Error::new(code::INVALID_CONFIG, message));
    }
    Ok(Address {
        email: email.to_owned(),
        name: Some(name).filter(|name| !name.is_empty()),
    })
}

/// The parts between commas that are not in quotes.
fn parts(written: &str) -> Vec<String> {
    let (mut parts, mut is_quoted, mut is_escaped) = (vec![String::new()], false, false);
    for letter in written.chars() {
        match letter {
            ',' if !is_quoted => {
                parts.push(String::new());
                continue;
            }
            '"' if !is_escaped => is_quoted = !is_quoted,
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts
}

/// A name without the quotes around it.
fn unquoted(name: &str) -> String {
    let quoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    quoted.map_or_else(
        || name.to_owned(),
        |name| name.replace("\\\"", "\"").replace("\\\\", "\\"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_names_and_commas_between_them() {
        let read = addresses(
            r#"ada@example.com, "Lovelace, \"Ada\"" <ada@example.com>,Bob <bob@example.com> ,"#,
            "to",
        );
        assert_eq!(
            json!(read.unwrap()),
            json!([
                {"email": "ada@example.com"}, {"email": "ada@example.com", "name": "Lovelace, \"Ada\""},
                {"email": "bob@example.com", "name": "Bob"},
            ])
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "Ada",
            "Ada <ada>",
            "@example.com",
            "ada@",
            "ada @example.com",
        ] {
            assert!(
                address(wrong, "to")
                    .unwrap_err()
                    .message
                    .starts_with("to is no e-mail address"),
                "{wrong}"
            );
        }
    }
}
