use aws_lc_rs::digest;

/// The longest name, in characters.
const MAX_TYPE: usize = 200;
/// The longest id that is kept as it is, in bytes.
const MAX_ID: usize = 150;

/// The name of an event below its provider's, with everything unusual replaced: it comes from outside and is shown, filtered, stored.
pub fn named(provider: &str, name: Option<String>) -> String {
    let usual = |letter: char| {
        if letter.is_ascii_alphanumeric() || "._-".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "received".to_owned());
    let whole = format!("{provider}.{name}");
    whole.chars().map(usual).take(MAX_TYPE).collect()
}

/// The id that a provider gave an event, or its hash when it is long or unprintable.
pub fn short_id(id: String) -> String {
    if id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return id;
    }
    format!(
        "sha256:{}",
        hex::encode(digest::digest(&digest::SHA256, id.as_bytes()))
    )
}
