use std::collections::VecDeque;

use jackfield_plugin_abi::messages::{ExampleExchange, ExampleRequest, ExampleResponse};
use serde_json::Value;

use super::{Reply, SentRequest};

/// Requests and answers that were recorded, still to come.
#[derive(Clone)]
pub(super) struct Exchanges {
    left: VecDeque<ExampleExchange>,
    count: usize,
}

impl Exchanges {
    #[track_caller]
    pub(super) fn parse(json: &str) -> Self {
        let exchanges: Vec<ExampleExchange> = match serde_json::from_str(json) {
            Ok(exchanges) => exchanges,
            Err(error) => panic!("the recorded exchanges cannot be read: {error}"),
        };
        Self::new(exchanges)
    }

    pub(super) fn new(exchanges: Vec<ExampleExchange>) -> Self {
        Self {
            left: exchanges.into(),
            count: 0,
        }
    }

    /// Answers a request as it was recorded.
    #[track_caller]
    pub(super) fn next(&mut self, sent: &SentRequest) -> Reply {
        self.count += 1;
        let Some(ExampleExchange { request, response }) = self.left.pop_front() else {
            panic!(
                "request {}, {} {}, was not recorded",
                self.count,
                sent.method,
                sent.whole_url()
            );
        };
        let differences = differences(&request, sent);
        if !differences.is_empty() {
            let (count, lines) = (self.count, differences.join("\n  "));
            panic!(
                "request {count}, {} {}, is not as recorded:\n  {lines}",
                sent.method,
                sent.whole_url()
            );
        }
        reply(&response)
    }

    /// Everything that was recorded has to be sent.
    #[track_caller]
    pub(super) fn finish(&self) {
        if let Some(ExampleExchange { request, .. }) = self.left.front() {
            panic!(
                "{} {} was recorded, but not sent",
                request.method, request.url
            );
        }
    }
}

fn reply(response: &ExampleResponse) -> Reply {
    let has_type = response
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let reply = match &response.body {
        None => Reply::new(response.status),
        Some(Value::String(text)) if has_type => Reply::new(response.status).body(text.as_bytes()),
        Some(Value::String(text)) => Reply::bytes(
            response.status,
            "text/plain; charset=utf-8",
            text.as_bytes(),
        ),
        Some(json) if has_type => Reply::new(response.status).body(json.to_string().as_bytes()),
        Some(json) => Reply::json(response.status, json),
    };
    response
        .headers
        .iter()
        .fold(reply, |reply, (name, value)| reply.header(name, value))
}

/// What of a request is not as recorded, a line each.
fn differences(recorded: &ExampleRequest, sent: &SentRequest) -> Vec<String> {
    let mut lines = Vec::new();
    let mut compare = |what: &str, recorded: &str, sent: &str| {
        if recorded != sent {
            lines.push(format!("{what}: recorded {recorded}, sent {sent}"));
        }
    };
    compare("method", &recorded.method, &sent.method);
    let whole = sent.whole_url();
    let split = |url: &str| {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        (base.to_owned(), pairs(query))
    };
    let ((base, query), (sent_base, sent_query)) = (split(&recorded.url), split(&whole));
    compare("url", &base, &sent_base);
    compare_pairs("query", &query, &sent_query, &mut lines);
    for (name, value) in &recorded.headers {
        match sent.header(name) {
            Some(sent) if sent == value => {}
            sent => lines.push(format!(
                "header {name}: recorded {value}, sent {}",
                sent.unwrap_or("nothing")
            )),
        }
    }
    compare_bodies(recorded.body.as_ref(), sent, &mut lines);
    lines
}

fn compare_bodies(recorded: Option<&Value>, sent: &SentRequest, lines: &mut Vec<String>) {
    let text = String::from_utf8_lossy(&sent.body);
    let is_form = sent
        .header("content-type")
        .is_some_and(|kind| kind.contains("x-www-form-urlencoded"));
    match recorded {
        None if sent.body.is_empty() => {}
        None => lines.push(format!("body: recorded nothing, sent {text}")),
        Some(Value::String(recorded)) if is_form => {
            compare_pairs("body", &pairs(recorded), &pairs(&text), lines)
        }
        Some(Value::String(recorded)) if *recorded == text => {}
        Some(recorded) => match serde_json::from_str::<Value>(&text) {
            Ok(sent) => compare_values("body", recorded, &sent, lines),
            Err(_) => lines.push(format!("body: recorded {recorded}, sent {text}")),
        },
    }
}

fn pairs(encoded: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded.as_bytes())
        .into_owned()
        .collect()
}

/// Names in any order, the values of one name in theirs.
fn compare_pairs(
    what: &str,
    recorded: &[(String, String)],
    sent: &[(String, String)],
    lines: &mut Vec<String>,
) {
    let mut names: Vec<&String> = recorded.iter().chain(sent).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    for name in names {
        let of = |pairs: &[(String, String)]| {
            let values = pairs
                .iter()
                .filter(|(other, _)| other == name)
                .map(|(_, value)| value.clone());
            values.collect::<Vec<_>>().join(", ")
        };
        let has = |pairs: &[(String, String)]| pairs.iter().any(|(other, _)| other == name);
        let told = |pairs: &[(String, String)]| {
            if has(pairs) {
                of(pairs)
            } else {
                "nothing".to_owned()
            }
        };
        if told(recorded) != told(sent) {
            lines.push(format!(
                "{what} {name}: recorded {}, sent {}",
                told(recorded),
                told(sent)
            ));
        }
    }
}

/// Tells of each member that differs.
pub(super) fn compare_values(place: &str, recorded: &Value, sent: &Value, lines: &mut Vec<String>) {
    let told = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    match (recorded, sent) {
        (Value::Object(recorded), Value::Object(sent)) => {
            for name in recorded
                .keys()
                .chain(sent.keys().filter(|name| !recorded.contains_key(*name)))
            {
                let place = format!("{place}.{name}");
                match (recorded.get(name), sent.get(name)) {
                    (Some(recorded), Some(sent)) => compare_values(&place, recorded, sent, lines),
                    (recorded, sent) => {
                        lines.push(format!(
                            "{place}: recorded {}, sent {}",
                            told(recorded),
                            told(sent)
                        ));
                    }
                }
            }
        }
        (Value::Array(recorded), Value::Array(sent)) => {
            for index in 0..recorded.len().max(sent.len()) {
                let place = format!("{place}[{index}]");
                match (recorded.get(index), sent.get(index)) {
                    (Some(recorded), Some(sent)) => compare_values(&place, recorded, sent, lines),
                    (recorded, sent) => {
                        lines.push(format!(
                            "{place}: recorded {}, sent {}",
                            told(recorded),
                            told(sent)
                        ));
                    }
                }
            }
        }
        (recorded, sent) if recorded == sent => {}
        (recorded, sent) => lines.push(format!("{place}: recorded {recorded}, sent {sent}")),
    }
}
