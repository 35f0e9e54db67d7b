use std::borrow::Cow;

use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserializer, de};

/// A message: its timestamp, such as `1700000000.000100`, or the link that Slack copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageLink {
    timestamp: String,
    thread: Option<String>,
}

impl MessageLink {
    /// By which Slack knows the message in its channel.
    pub(crate) fn timestamp(&self) -> &str {
        &self.timestamp
    }

    /// The message that its thread begins with, which is itself unless it is a reply.
    pub(crate) fn thread(&self) -> &str {
        self.thread.as_deref().unwrap_or(&self.timestamp)
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if is_timestamp(text) {
            let timestamp = text.to_owned();
            return Some(Self {
                timestamp,
                thread: None,
            });
        }
        let link = text.strip_prefix("https://")?;
        let (path, query) = link.split_once('?').unwrap_or((link, ""));
        let digits = path.rsplit('/').next()?.strip_prefix('p')?;
        let (seconds, micros) = digits.split_at_checked(digits.len().checked_sub(6)?)?;
        let timestamp = format!("{seconds}.{micros}");
        let thread = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("thread_ts="))
            .filter(|thread| is_timestamp(thread));
        is_timestamp(&timestamp).then(|| Self {
            timestamp,
            thread: thread.map(str::to_owned),
        })
    }
}

fn is_timestamp(text: &str) -> bool {
    let is_digits =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(seconds, micros)| is_digits(seconds) && is_digits(micros))
}

impl<'de> Deserialize<'de> for MessageLink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let link = value.as_str().and_then(Self::parse);
        link.ok_or_else(|| {
            let shown: String = value.to_string().chars().take(80).collect();
            de::Error::custom(format_args!(
                "{shown} is no message of Slack: take its `ts` as a text, such as \"1700000000.000100\", or its link"
            ))
        })
    }
}

impl JsonSchema for MessageLink {
    fn schema_name() -> Cow<'static, str> {
        "MessageLink".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^\\s*([0-9]+\\.[0-9]+|https://[^\\s]+/p[0-9]{7,}(\\?[^\\s]*)?)\\s*$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_named_by_its_timestamp_or_link() {
        let read = |text: &str| {
            let link: MessageLink = serde_json::from_value(text.into()).unwrap();
            (link.timestamp().to_owned(), link.thread().to_owned())
        };
        let (first, second) = (
            "1700000000.000100".to_owned(),
            "1700000001.000200".to_owned(),
        );
        assert_eq!(read(" 1700000000.000100"), (first.clone(), first.clone()));
        assert_eq!(
            read("https://acme.slack.com/archives/C0123456789/p1700000000000100"),
            (first.clone(), first.clone())
        );
        let reply = "https://acme.slack.com/archives/C0123456789/p1700000001000200?thread_ts=1700000000.000100&cid=C0123456789";
        assert_eq!(read(reply), (second, first));
    }

    #[test]
    fn what_is_no_message_says_so() {
        for wrong in [
            json!("1700000000"),
            json!(1_700_000_000.000_1),
            json!("https://acme.slack.com/archives/C0123456789"),
            json!("https://acme.slack.com/p12é456"),
            json!(""),
        ] {
            let error = serde_json::from_value::<MessageLink>(wrong).unwrap_err();
            assert!(
                error.to_string().contains("is no message of Slack"),
                "{error}"
            );
        }
    }
}
