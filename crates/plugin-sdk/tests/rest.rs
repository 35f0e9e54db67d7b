//! Operations that are tables: pages, errors, and where a connected app's settings go.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors, Pages};
use jackfield_plugin_sdk::testing::{self, Ran, Reply, SentRequest};

fn slack() -> Api {
    let errors = Errors::new().ok_at("ok").code("error").message("error");
    Api::new("https://{region}.slack.com/api")
        .base_when("sandbox", true, "https://sandbox.slack.com/api")
        .errors(
            errors
                .retry_codes(&["ratelimited"])
                .credential_codes(&["invalid_auth"]),
        )
}

/// A part of a body.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct Line {
    unit_price: u64,
    #[field(body = "Detail.Text")]
    text: Option<String>,
}

/// Posts.
#[derive(Config, Rest)]
#[rest(post = "/teams/{team}/post", api = slack(), output = Value, idempotent_api, set("draft", false))]
struct Post {
    team: String,
    lines: Vec<Line>,
    #[field(query = "as")]
    author: Option<String>,
}

trait IdempotentApi {
    fn idempotent_api(self) -> Self;
}

/// An attribute's word may also be a method of the author's.
impl IdempotentApi for jackfield_plugin_sdk::rest::Table {
    fn idempotent_api(self) -> Self {
        self.header("X-Post", "1")
    }
}

/// What several operations have in common.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct Common {
    #[field(body = "Meta.Tag")]
    tag: Option<String>,
    channel_name: String,
}

/// Announces.
#[derive(Config, Rest)]
#[rest(post = "/announce", api = slack().header_from("X-Team", "team"), output = Value)]
struct Announce {
    #[field(flatten)]
    common: Common,
    text: String,
}

/// Finds what was announced.
#[derive(Config, Rest)]
#[rest(get = "/announced", api = slack(), output = Value)]
struct Announced {
    #[field(flatten)]
    common: Common,
}

/// Lists channels.
#[derive(Config, Rest)]
#[rest(get = "/channels", api = slack(), output = Page<Value>, pages = Pages::cursor("channels", "next", "cursor").size("limit", 2))]
struct Channels {
    #[field(limit)]
    limit: Option<u64>,
    #[field(cursor)]
    cursor: Option<String>,
}

fn stage(config: Value, settings: Value) -> testing::Stage {
    let node = Operations::new("slack", About::new("Slack"))
        .operation::<Post>()
        .operation::<Channels>()
        .operation::<Announce>()
        .operation::<Announced>();
    testing::plugin(Plugin::new("slack", "1.0.0").operations(node))
        .node("slack", config)
        .connected_app("slack", &settings)
}

fn channels(limit: Value, cursor: Value) -> Ran {
    let config = json!({"operation": "channels", "limit": limit, "cursor": cursor});
    stage(config, json!({"region": "eu"}))
        .reply_with(page)
        .run()
}

/// Channels 0 to 4, two a page.
fn page(request: &SentRequest) -> Reply {
    let cursor = request.query.iter().find(|(name, _)| name == "cursor");
    let from: u64 = cursor.map_or(0, |(_, from)| from.parse().expect("a number"));
    let next = Some((from + 2).to_string()).filter(|_| from < 4);
    let channels: Vec<u64> = (from..5).take(2).collect();
    Reply::json(
        200,
        &json!({"ok": true, "channels": channels, "next": next}),
    )
}

#[test]
fn pages_are_followed_up_to_a_limit_and_go_on_from_there() {
    assert_eq!(
        channels(Value::Null, Value::Null).output(),
        json!({"items": [0, 1, 2, 3, 4]})
    );
    let first = channels(json!(3), Value::Null);
    assert_eq!(first.output(), json!({"items": [0, 1, 2], "cursor": "1~2"}));
    assert_eq!(first.requests.len(), 2);
    assert_eq!(
        channels(json!(1), json!("1~2")).output(),
        json!({"items": [3], "cursor": "4"})
    );
    assert_eq!(
        channels(json!(9), json!("4")).output(),
        json!({"items": [4]})
    );
}

#[test]
fn fields_settings_and_static_values_find_their_places() {
    let config = json!({"operation": "post", "team": "a/b", "author": "ada", "lines": [{"unitPrice": 5, "text": "x"}, {"unitPrice": 6}]});
    let sent = |settings| {
        let stage = stage(config.clone(), settings).reply(Reply::json(200, &json!({"ok": true})));
        stage.run().requests.remove(0)
    };
    let request = sent(json!({"region": "eu"}));
    assert_eq!(
        request.whole_url(),
        "https://eu.slack.com/api/teams/a%2Fb/post?as=ada"
    );
    assert_eq!(request.header("x-post"), Some("1"));
    assert_eq!(request.credential.as_deref(), Some("default"));
    assert_eq!(
        request.json(),
        json!({"draft": false, "lines": [{"UnitPrice": 5, "Detail": {"Text": "x"}}, {"UnitPrice": 6}]})
    );
    assert_eq!(
        sent(json!({"sandbox": true})).url,
        "https://sandbox.slack.com/api/teams/a%2Fb/post"
    );
}

/// Pays.
#[derive(Config, Rest)]
#[rest(post = "/payments", api = slack().idempotent_by("requestId"), output = Value)]
struct Pay {}

#[test]
fn a_key_in_a_parameter_is_in_no_header() {
    let node = Operations::new("bank", About::new("Bank")).operation::<Pay>();
    let stage = testing::plugin(Plugin::new("bank", "1.0.0").operations(node))
        .node("bank", json!({"operation": "pay"}))
        .connected_app("slack", &json!({"region": "eu"}));
    let sent = stage.reply(Reply::json(200, &json!({"ok": true}))).run();
    let request = &sent.requests[0];
    let key = request.query.iter().find(|(name, _)| name == "requestId");
    assert!(key.is_some_and(|(_, key)| key.starts_with("step_test-")));
    assert!(request.idempotency_key.is_none() && request.header("idempotency-key").is_none());
    assert!(request.repeatable);
}

#[test]
fn an_error_inside_of_a_success_is_one() {
    let error = |reply: Reply| {
        let ran = stage(json!({"operation": "channels"}), json!({"region": "eu"}))
            .reply(reply)
            .run();
        let error = ran.error().clone();
        (error.to_string(), error.retryable, error.retry_after_ms)
    };
    let failed = |code: &str| Reply::json(200, &json!({"ok": false, "error": code}));
    assert_eq!(
        error(failed("channel_not_found")),
        (
            "CHANNEL_NOT_FOUND: eu.slack.com answered 200: channel_not_found.".to_owned(),
            false,
            None
        )
    );
    assert_eq!(
        error(failed("invalid_auth")).0,
        "CREDENTIAL: eu.slack.com answered 200: invalid_auth."
    );
    assert!(error(failed("ratelimited")).1);
    assert_eq!(
        error(Reply::new(429).header("Retry-After", "2")),
        (
            "HTTP_429: eu.slack.com answered 429.".to_owned(),
            true,
            Some(2000)
        )
    );
}

#[test]
fn what_is_flattened_goes_where_its_operation_sends_its_fields() {
    let sent = |config: Value, settings: Value| {
        let stage = stage(config, settings).reply(Reply::json(200, &json!({"ok": true})));
        let mut ran = stage.run();
        assert!(ran.result.is_ok(), "{}", ran.error());
        ran.requests.remove(0)
    };
    let announce = json!({"operation": "announce", "tag": "x", "channelName": "ops", "text": "hi"});
    let request = sent(announce.clone(), json!({"region": "eu", "team": "T1"}));
    let body = json!({"Meta": {"Tag": "x"}, "ChannelName": "ops", "text": "hi"});
    assert_eq!(request.json(), body);
    assert_eq!(request.header("x-team"), Some("T1"));
    let request = sent(announce, json!({"region": "eu"}));
    assert_eq!(request.header("x-team"), None);
    let announced = json!({"operation": "announced", "channelName": "ops"});
    let request = sent(announced, json!({"region": "eu"}));
    assert_eq!(
        request.whole_url(),
        "https://eu.slack.com/api/announced?ChannelName=ops"
    );
}
