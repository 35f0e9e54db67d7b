use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::Value;

/// The JSON Schema (2020-12) of what `T` deserializes from, in one piece without `$ref` where `T` is not recursive.
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .for_deserialize()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(unwrap_description));
    settings.into_generator().into_root_schema_for::<T>().into()
}

/// Joins the lines of a doc comment's paragraphs: where the source breaks lines means nothing to readers of a schema.
fn unwrap_description(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        let paragraphs = description.split("\n\n");
        let joined: Vec<String> = paragraphs.map(|lines| lines.replace('\n', " ")).collect();
        *description = joined.join("\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line
    /// and its end.
    ///
    /// Another paragraph.
    #[derive(serde::Deserialize, JsonSchema)]
    struct Documented {}

    #[test]
    fn lines_of_a_paragraph_are_joined() {
        let schema = schema_of::<Documented>();
        assert_eq!(
            schema["description"],
            "One line and its end.\n\nAnother paragraph."
        );
    }
}
