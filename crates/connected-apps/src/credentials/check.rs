//! Checks credentials against the provider's manifest.

use jackfield_plugin_host::messages::{ProviderManifest, SchemeManifest};
use jackfield_storage::{Problem, ProblemCode};
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::Credentials;

const FIELD: &str = "credentials";

/// Credentials as they came in, checked against the schema of their scheme, with what may be shown of them.
///
/// The problems name the members and never their values.
pub fn check(
    provider: &ProviderManifest,
    given: Value,
) -> Result<(Credentials, String), Vec<Problem>> {
    let Value::Object(mut members) = given else {
        let message = format!(
            "the credentials must be an object with the members that {} asks for",
            provider.title
        );
        return Err(vec![Problem::new([FIELD], ProblemCode::Invalid, message)]);
    };
    let scheme = choose(provider, members.remove("scheme"))?;
    check_members(scheme, &members)?;

    let credentials = Credentials::of(&scheme.scheme, members);
    let masked = mask(scheme, &credentials);
    Ok((credentials, masked))
}

/// The scheme that `credentials` belong to, if the provider still has it.
pub fn scheme<'a>(
    provider: &'a ProviderManifest,
    credentials: &Credentials,
) -> Option<&'a SchemeManifest> {
    provider
        .schemes
        .iter()
        .find(|scheme| scheme.scheme == credentials.scheme)
}

/// The named scheme, or the only one.
fn choose(
    provider: &ProviderManifest,
    named: Option<Value>,
) -> Result<&SchemeManifest, Vec<Problem>> {
    let problem = |code, message| Err(vec![Problem::new([FIELD, "scheme"], code, message)]);
    let names = || {
        provider
            .schemes
            .iter()
            .map(|scheme| scheme.scheme.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (named, provider.schemes.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => problem(ProblemCode::Required, format!("choose one of: {}", names())),
        (Some(name), schemes) => match schemes
            .iter()
            .find(|scheme| name.as_str() == Some(&scheme.scheme))
        {
            Some(scheme) => Ok(scheme),
            None => problem(
                ProblemCode::Invalid,
                format!("the scheme must be one of: {}", names()),
            ),
        },
    }
}

fn check_members(
    scheme: &SchemeManifest,
    members: &Map<String, Value>,
) -> Result<(), Vec<Problem>> {
    let validator = jsonschema::draft202012::new(&scheme.schema).map_err(|error| {
        let message = format!(
            "the plugin's schema for {} is not valid: {}",
            scheme.scheme,
            error.masked()
        );
        vec![Problem::new([FIELD], ProblemCode::Invalid, message)]
    })?;
    let instance = Value::Object(members.clone());
    let problems: Vec<_> = validator
        .iter_errors(&instance)
        .map(|error| problem(&error))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn problem(error: &jsonschema::ValidationError<'_>) -> Problem {
    let mut path = vec![FIELD.to_owned()];
    path.extend(
        error
            .instance_path()
            .iter()
            .map(|segment| segment.to_string()),
    );
    if let ValidationErrorKind::Required { property } = error.kind() {
        path.extend(property.as_str().map(str::to_owned));
        return Problem::new(path, ProblemCode::Required, "must be given");
    }
    Problem::new(path, ProblemCode::Invalid, error.masked().to_string())
}

/// The end of the first member that the schema marks as secret, in the order of the schema.
fn mask(scheme: &SchemeManifest, credentials: &Credentials) -> String {
    let properties = scheme.schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema.get("writeOnly") == Some(&Value::Bool(true)))
        .find_map(|(name, _)| credentials.field(name))
        .map_or_else(String::new, |secret| secret.masked())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::injection::example::http;

    fn problems(given: Value) -> Vec<String> {
        let problems = check(&http(), given).map(|_| ()).unwrap_err();
        problems
            .iter()
            .map(|problem| format!("{:?} {problem}", problem.code))
            .collect()
    }

    #[test]
    fn takes_what_the_scheme_asks_for_and_shows_its_end() {
        let (credentials, masked) = check(
            &http(),
            json!({"scheme": "bearer", "token": "sk_test_51Habcd"}),
        )
        .unwrap();

        assert_eq!(credentials.scheme, "bearer");
        assert_eq!(masked, "••••abcd");
    }

    #[test]
    fn says_which_member_is_missing() {
        insta::assert_debug_snapshot!(problems(json!({"scheme": "basic", "username": "a"})), @r#"
        [
            "Required credentials.password: must be given",
        ]
        "#);
    }

    #[test]
    fn never_repeats_a_value() {
        let said = problems(
            json!({"scheme": "api_key", "name": "X-Key", "value": 5512345, "in": "5512345"}),
        );

        insta::assert_debug_snapshot!(said, @r#"
        [
            "Invalid credentials.in: value is not one of \"header\" or \"query\"",
            "Invalid credentials.value: value is not of type \"string\"",
        ]
        "#);
        assert!(!said.concat().contains("5512345"));
    }

    #[test]
    fn lists_the_schemes_when_none_or_another_is_named() {
        insta::assert_debug_snapshot!([problems(json!({})), problems(json!({"scheme": "magic"}))], @r#"
        [
            [
                "Required credentials.scheme: choose one of: bearer, api_key, basic, oauth2_client_credentials",
            ],
            [
                "Invalid credentials.scheme: the scheme must be one of: bearer, api_key, basic, oauth2_client_credentials",
            ],
        ]
        "#);
    }

    #[test]
    fn refuses_what_is_no_object() {
        insta::assert_debug_snapshot!(problems(json!("sk_test")), @r#"
        [
            "Invalid credentials: the credentials must be an object with the members that HTTP asks for",
        ]
        "#);
    }
}
