use aws_lc_rs::digest;
use jackfield_storage::Json;

use crate::expression::{Template, Value, to_json};

/// The longest group that is kept as it is, in bytes; of a longer one its hash is.
const MAX_GROUP: usize = 200;

/// What the key of a workflow's limit comes to for a run with that input: runs with the same answer share the limit. A key
/// that is absent, null or cannot be evaluated is the empty text, which has its slots like every other.
pub(crate) fn concurrency_group(key: &str, input: &Json) -> String {
    let evaluated = evaluate(key, input).unwrap_or_else(|message| {
        tracing::warn!(
            key,
            error = message,
            "the key of a limit could not be evaluated; its run counts as one without a key"
        );
        String::new()
    });
    match evaluated.len() > MAX_GROUP {
        true => hex::encode(digest::digest(&digest::SHA256, evaluated.as_bytes())),
        false => evaluated,
    }
}

fn evaluate(key: &str, input: &Json) -> Result<String, String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let template = Template::parse(&key.into()).map_err(|errors| {
        let first = errors.first();
        first.map(|error| told(error)).unwrap_or_default()
    })?;
    let trigger: Value = serde_json::from_str(input.as_str()).map_err(|error| told(&error))?;
    let scope = Value::from_pairs([("trigger", trigger)]);
    let value = template
        .evaluate_with(&scope)
        .map_err(|error| told(&error))?;
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None if value.is_undefined() || value.is_none() => Ok(String::new()),
        None => to_json(&value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn group(key: &str) -> String {
        let body = json!({"customer": "cus_1", "number": 7, "none": null, "long": "x".repeat(300)});
        concurrency_group(key, &json!({ "body": body }).into())
    }

    #[test]
    fn a_group_is_the_text_of_the_key() {
        assert_eq!(group("{{ trigger.body.customer }}"), "cus_1");
        assert_eq!(group("{{ trigger.body.number }}"), "7");
        assert_eq!(
            group("{{ trigger.body.customer }}/{{ trigger.body.number }}"),
            "cus_1/7"
        );
        assert_eq!(group("{{ trigger.body.long }}").len(), 64);
    }

    #[test]
    fn what_has_no_key_is_a_group_of_its_own() {
        assert_eq!(group("{{ trigger.body.none }}"), "");
        assert_eq!(group("{{ trigger.body.none.deeper }}"), "");
    }
}
