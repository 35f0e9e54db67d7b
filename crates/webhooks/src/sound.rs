use jackfield_plugin_host::readable;

/// The deepest nesting that is accepted. Runs put the document some levels deeper into their own state, and JSON parsers
/// commonly end at 128.
const MAX_DEPTH: u32 = 64;

/// Whether every later reader will be able to take the document in `text` apart.
pub(crate) fn check(text: &str) -> Result<(), serde_json::Error> {
    readable(text, MAX_DEPTH)
}
