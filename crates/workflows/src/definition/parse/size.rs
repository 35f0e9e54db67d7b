//! What is refused before anything is looked at.

use serde_json::Value;

use crate::definition::{MAX_EXPRESSIONS, MAX_SIZE};

pub(super) fn check(value: &Value) -> Result<(), String> {
    let text = serde_json::to_string(value).unwrap_or_default();
    if text.len() > MAX_SIZE {
        return Err(format!(
            "the definition is {} bytes long, but may have at most {MAX_SIZE}",
            text.len()
        ));
    }
    let expressions = text.matches("{{").count();
    if expressions > MAX_EXPRESSIONS {
        return Err(format!(
            "the definition holds {expressions} expressions, but may have at most {MAX_EXPRESSIONS}"
        ));
    }
    Ok(())
}
