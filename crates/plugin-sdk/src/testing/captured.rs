use serde::Deserialize;
use serde_json::{Map, Value};

use super::SentRequest;

/// What a vendor's own SDK sends, to hold a plugin's requests against.
///
/// A script beside the plugin points the SDK at a server on loopback and writes down what comes: `{"sdk": "stripe 22.0.0",
/// "requests": {"charge": {"method": "POST", "path": "/v1/charges", "query": {}, "headers": {}, "body": {}}}}`.
///
/// ```
/// # use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::testing::{self, Captured, Reply};
/// # #[derive(Deserialize, JsonSchema)]
/// # struct Greet { name: String }
/// # impl Node for Greet {
/// #     const TYPE: &'static str = "greet";
/// #     type Output = Value;
/// #     fn about() -> About { About::new("Greet") }
/// #     async fn run(self, context: Context) -> Result<Value> {
/// #         let request = context.http().post("https://api.example.com/v1/greetings").credential("default");
/// #         let request = request.json(&json!({"name": self.name, "title": null}));
/// #         request.send().await?.success()?.json()
/// #     }
/// # }
///
/// // Commonly include_str!("fixtures/captured.json").
/// let captured = Captured::parse(r#"{"requests": {"greet": {
///     "method": "POST", "path": "/v1/greetings", "query": {}, "headers": {"content-type": "application/json"}, "body": {"name": "Ada"}
/// }}}"#);
/// let ran = testing::node::<Greet>(json!({"name": "Ada"})).reply(Reply::json(200, &json!({}))).run();
/// captured.assert_sent("greet", &ran.requests[0], "https://api.example.com", &["content-type"]);
/// ```
#[derive(Clone, Debug)]
pub struct Captured {
    requests: Map<String, Value>,
}

impl Captured {
    /// Reads what a capture script wrote.
    ///
    /// # Panics
    /// When the text has no object `requests`.
    #[track_caller]
    pub fn parse(json: &str) -> Self {
        let captured: Value = serde_json::from_str(json).expect("what was captured is JSON");
        match captured.get("requests") {
            Some(Value::Object(requests)) => Self {
                requests: requests.clone(),
            },
            _ => panic!("what was captured has no object `requests`"),
        }
    }

    /// A request as the SDK sends it.
    ///
    /// # Panics
    /// When none of that name was captured.
    #[track_caller]
    pub fn request(&self, name: &str) -> &Value {
        match self.requests.get(name) {
            Some(request) => request,
            None => panic!("no request {name} was captured"),
        }
    }

    /// Holds a request to what the SDK sends: method, the path behind `base` (or all of it, captured as `url`), query, body and these
    /// headers; and to the credential of the connected app, which the host puts on it. Of a JSON body a member that is absent and one
    /// that is null are the same. A query or a form that was captured as a list of pairs may have another order, but for pairs of one
    /// name. Where `hasIdempotencyKey` was captured, the request has a key or not in the same way.
    ///
    /// # Panics
    /// When they differ, with both.
    #[track_caller]
    pub fn assert_sent(&self, name: &str, request: &SentRequest, base: &str, headers: &[&str]) {
        let captured = self.request(name);
        assert_eq!(request.credential.as_deref(), Some("default"));
        assert_eq!(Some(request.method.as_str()), captured["method"].as_str());
        assert_eq!(
            request.url.strip_prefix(base),
            captured["path"].as_str().or(captured["url"].as_str()),
            "the path behind {base}"
        );
        let query = &captured["query"];
        match pairs_of(query) {
            Some(pairs) => assert_eq!(by_name(request.query.clone()), pairs, "the query"),
            None => assert_eq!(Value::Object(members(&request.query)), *query, "the query"),
        }
        for header in headers {
            let sent = captured["headers"][header].as_str();
            assert_eq!(request.header(header), sent, "the header {header}");
        }
        if let Some(has_key) = captured["hasIdempotencyKey"].as_bool() {
            assert_eq!(request.idempotency_key.is_some(), has_key, "the key");
        }
        assert_body(request, &captured["body"]);
    }
}

#[track_caller]
fn assert_body(request: &SentRequest, captured: &Value) {
    if let Some(pairs) = pairs_of(captured) {
        return assert_eq!(by_name(request.form()), pairs, "the form");
    }
    let body = match request.text() {
        "" => Value::Null,
        text => serde_json::from_str(text).expect("the body is JSON"),
    };
    assert_eq!(without_nulls(&body), without_nulls(captured), "the body");
}

type Pairs = Vec<(String, String)>;

/// What was captured as a list of names and values.
fn pairs_of(captured: &Value) -> Option<Pairs> {
    let pairs = Pairs::deserialize(captured).ok()?;
    Some(by_name(pairs))
}

fn by_name(mut pairs: Pairs) -> Pairs {
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    pairs
}

fn members(pairs: &Pairs) -> Map<String, Value> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect()
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let present = members.iter().filter(|(_, value)| !value.is_null());
            let present = present.map(|(name, value)| (name.clone(), without_nulls(value)));
            Value::Object(present.collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
