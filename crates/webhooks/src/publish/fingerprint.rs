use aws_lc_rs::digest::{Context, SHA256};
use jackfield_storage::Channels;
use serde_json::Value;

use super::Publication;

/// SHA-256 of what is published under an idempotency key, by which a repeat is told from another event under the same key.
///
/// Spaces and the order of members make no difference, because clients write the same data differently from one attempt
/// to the next. `occurred_at` counts only where the publisher gave it.
pub(super) fn fingerprint(given: &Publication, channels: &Channels) -> Vec<u8> {
    let mut hash = Context::new(&SHA256);
    text(&mut hash, &given.event_type);
    text(&mut hash, given.content_type.as_deref().unwrap_or_default());
    match given.occurred_at {
        Some(at) => hash.update(&at.as_micros().to_be_bytes()),
        None => hash.update(b"-"),
    }
    if !channels.is_empty() {
        hash.update(b"c");
        length(&mut hash, channels.names().len());
        let names = channels.names().iter();
        names.for_each(|name| text(&mut hash, name));
    }
    value(&mut hash, &given.data.value());
    hash.finish().as_ref().to_vec()
}

/// Each part says what it is and how long it is, so that two different values never feed the same bytes.
fn value(hash: &mut Context, given: &Value) {
    match given {
        Value::Null => hash.update(b"n"),
        Value::Bool(true) => hash.update(b"t"),
        Value::Bool(false) => hash.update(b"f"),
        Value::Number(number) => {
            hash.update(b"d");
            text(hash, &number.to_string());
        }
        Value::String(string) => {
            hash.update(b"s");
            text(hash, string);
        }
        Value::Array(items) => {
            hash.update(b"a");
            length(hash, items.len());
            items.iter().for_each(|item| value(hash, item));
        }
        Value::Object(members) => {
            hash.update(b"o");
            length(hash, members.len());
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            for (name, member) in sorted {
                text(hash, name);
                value(hash, member);
            }
        }
    }
}

fn text(hash: &mut Context, text: &str) {
    length(hash, text.len());
    hash.update(text.as_bytes());
}

fn length(hash: &mut Context, length: usize) {
    hash.update(&(length as u64).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use jackfield_storage::{Json, Timestamp};

    use super::*;

    fn paid(data: &str) -> Publication {
        Publication {
            event_type: "invoice.paid".to_owned(),
            data: Json::check(data).unwrap(),
            content_type: None,
            idempotency_key: None,
            occurred_at: None,
            channels: Vec::new(),
        }
    }

    fn of(data: &str) -> Vec<u8> {
        fingerprint(&paid(data), &Channels::default())
    }

    #[test]
    fn spaces_and_order_make_no_difference() {
        assert_eq!(
            of(r#"{"a": 1, "b": [true, "x"]}"#),
            of(r#"{"b":[true,"x"],"a":1}"#)
        );
    }

    #[test]
    fn everything_else_does() {
        let data = [
            "null",
            "true",
            "false",
            "1",
            "2",
            "\"1\"",
            "\"\"",
            "[]",
            "{}",
            "[[]]",
            "[[], []]",
            "[\"a\", \"b\"]",
            "[\"ab\"]",
            r#"{"a": null}"#,
            r#"{"b": null}"#,
            r#"[{"a": 1}]"#,
        ];
        let all: std::collections::HashSet<_> = data.iter().map(|data| of(data)).collect();
        assert_eq!(all.len(), data.len());
        let sent = Publication {
            event_type: "invoice.sent".to_owned(),
            ..paid("null")
        };
        let then = Publication {
            occurred_at: Some(Timestamp::EPOCH),
            ..paid("null")
        };
        let text = Publication {
            content_type: Some("text/plain".to_owned()),
            ..paid("null")
        };
        for other in [sent, then, text] {
            assert_ne!(of("null"), fingerprint(&other, &Channels::default()));
        }
        let channels = Channels::parse(vec!["project_1042".to_owned()]).unwrap();
        assert_ne!(of("null"), fingerprint(&paid("null"), &channels));
    }
}
