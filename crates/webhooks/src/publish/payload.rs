use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jackfield_storage::Json;
use serde_json::{Value, json};

/// Bytes of any kind as the data of an event: text as a string, anything else as `{"base64": "…"}`.
pub fn payload(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) => Json::from(Value::from(text)),
        Err(_) => Json::from(json!({ "base64": STANDARD.encode(bytes) })),
    }
}
