use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value};

/// The JSON Schema (2020-12) of what `T` deserializes from, in one piece without `$ref` where `T` is not recursive.
pub fn schema_of<T: JsonSchema>() -> Value {
    generate::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// The JSON Schema of what `T` serializes to.
pub fn output_schema_of<T: JsonSchema>() -> Value {
    generate::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn generate<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(unwrap_description))
        .with_transform(RecursiveTransform(move_labels));
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

/// The labels of an enum come in a member of their own, so that the hints of a field do not replace them.
fn move_labels(schema: &mut Schema) {
    if let Some(labels) = schema.remove("x-jackfield-labels") {
        let hints = schema.ensure_object().entry("x-jackfield");
        let hints = hints.or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(hints) = hints {
            hints.insert("labels".to_owned(), labels);
        }
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
