use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

/// The JSON Schema (2020-12) of what `T` deserializes from, in one piece without `$ref` where `T` is not recursive.
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .into()
}
