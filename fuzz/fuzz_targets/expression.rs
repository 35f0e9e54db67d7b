//! Any text as a config string: it parses or says why, and what parses is evaluated or says why, within the limits.

#![no_main]

use jackfield_workflows::expression::Sample;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let sample = Sample {
        trigger: json!({"body": {"amount": 2000, "name": "Ada", "items": [{"n": 1}, {"n": 2}], "none": null}}),
        ..Sample::default()
    };
    let _ = sample.evaluate_all(&Value::String(text.to_owned()));
});
