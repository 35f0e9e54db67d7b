//! What people enter of a resource.

use email_address::{EmailAddress, Options};
use jackfield_plugin_host::messages::ResourceManifest;
use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Value, json};
use url::Url;

/// The longest value, in bytes: what a plugin may return as one.
const MAX_VALUE: usize = 1_024;
/// The longest label, in characters.
const MAX_LABEL: usize = 200;
/// A phone number as ITU-T E.164 writes it: `+` and at most 15 digits, the first of which is not 0.
const E164: &str = r"^\+[1-9][0-9]{6,14}$";

/// A value without spaces around it, of the form that the type has.
pub(super) fn value(kind: &ResourceManifest, given: &str) -> Result<String, Problem> {
    let value = given.trim();
    let problem = |code, message: String| Err(Problem::new(["value"], code, message));
    if value.is_empty() {
        return problem(ProblemCode::Required, "the value is missing".to_owned());
    }
    if value.len() > MAX_VALUE {
        let message = format!("a value has at most {MAX_VALUE} bytes");
        return problem(ProblemCode::TooLarge, message);
    }
    if let Some(wanted) = misformed(kind, value) {
        return problem(ProblemCode::Invalid, wanted);
    }
    Ok(value.to_owned())
}

/// A label of at most 200 characters; an empty one is none.
pub(super) fn label(given: &str) -> Result<Option<String>, Problem> {
    let label = given.trim();
    match label.chars().count() {
        0 => Ok(None),
        1..=MAX_LABEL => Ok(Some(label.to_owned())),
        _ => {
            let message = format!("a label has at most {MAX_LABEL} characters");
            Err(Problem::new(["label"], ProblemCode::TooLarge, message))
        }
    }
}

/// What a value should be like that is not.
fn misformed(kind: &ResourceManifest, value: &str) -> Option<String> {
    let fits = |pattern: &str| {
        let schema = jsonschema::draft202012::new(&json!({"pattern": pattern}));
        // A pattern was compiled when the plugin was loaded.
        schema.is_ok_and(|schema| schema.is_valid(&Value::from(value)))
    };
    // An address alone: a name beside it is the label.
    let email = |value: &str| {
        let options = Options::default().without_display_text();
        EmailAddress::parse_with_options(value, options).is_ok()
    };
    let https =
        |value: &str| Url::parse(value).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    let wanted = match kind.format.as_deref() {
        Some("email") if !email(value) => "must be an e-mail address such as hello@example.com",
        Some("e164") if !fits(E164) => "must be a phone number in E.164 form, such as +15551230000",
        Some("https-url") if !https(value) => {
            "must be an https URL such as https://example.com/hooks"
        }
        _ => "",
    };
    if !wanted.is_empty() {
        return Some(wanted.to_owned());
    }
    let pattern = kind.pattern.as_ref()?;
    (!fits(pattern)).then(|| format!("must match the regular expression {pattern}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(format: Option<&str>, pattern: Option<&str>, given: &str) -> String {
        let kind = ResourceManifest {
            format: format.map(str::to_owned),
            pattern: pattern.map(str::to_owned),
            ..ResourceManifest::default()
        };
        match value(&kind, given) {
            Ok(value) => value,
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn a_value_has_the_form_of_its_type() {
        let email = |given| said(Some("email"), None, given);
        insta::assert_snapshot!(email(" hello@example.com "), @"hello@example.com");
        insta::assert_snapshot!(email("hello@"), @"value: must be an e-mail address such as hello@example.com");
        insta::assert_snapshot!(email("Hello <hello@example.com>"), @"value: must be an e-mail address such as hello@example.com");
        insta::assert_snapshot!(email("  "), @"value: the value is missing");
        let phone = |given| said(Some("e164"), None, given);
        insta::assert_snapshot!(phone("+15550100"), @"+15550100");
        insta::assert_snapshot!(phone("(555) 0100"), @"value: must be a phone number in E.164 form, such as +15551230000");
        let url = |given| said(Some("https-url"), None, given);
        insta::assert_snapshot!(url("https://example.com/hooks/stripe"), @"https://example.com/hooks/stripe");
        insta::assert_snapshot!(url("http://example.com"), @"value: must be an https URL such as https://example.com/hooks");
        insta::assert_snapshot!(said(None, Some("^claude-"), "gpt"), @"value: must match the regular expression ^claude-");
        insta::assert_snapshot!(said(Some("of a newer plugin"), None, "anything"), @"anything");
    }
}
