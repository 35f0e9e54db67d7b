//! Nodes as authors write them, run on the stage.

use std::time::Duration;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::testing::{self, Reply};
use jackfield_plugin_sdk::{Level, code, join_all, try_join};

/// Does what its config says, to exercise the SDK.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "camelCase")]
enum Probe {
    Fetch { pages: usize },
    Poll { until: u16 },
    Chat,
    Clock,
    Stuck,
    Panic,
    Form { fields: Value },
    Input,
}

impl Node for Probe {
    const TYPE: &'static str = "probe";
    type Output = Output;

    fn about() -> About {
        About::new("Probe").output("data-out", "What was found.")
    }

    async fn run(self, context: Context) -> Result<Output> {
        let http = context.http();
        match self {
            Self::Fetch { pages } => {
                let page = |page: usize| {
                    http.get("https://example.com/")
                        .query("page", &page.to_string())
                        .send()
                };
                let responses = join_all((0..pages).map(page)).await;
                let statuses: Result<Vec<u16>> = responses
                    .into_iter()
                    .map(|response| Ok(response?.status()))
                    .collect();
                Ok(Output::data(&statuses?))
            }
            Self::Poll { until } => loop {
                let response = http.get("https://example.com/job").send().await?;
                if response.status() == until {
                    return Ok(Output::data(&json!({"bytes": response.bytes().len()})));
                }
                context.sleep(Duration::from_secs(10)).await?;
            },
            Self::Chat => {
                context.log(Level::Info, "hello");
                context.progress(0.5, "half way");
                Ok(Output::port("error", &context.attempt())
                    .worth_retrying(Some(Duration::from_millis(70))))
            }
            Self::Clock => {
                let (before, bytes) = try_join(context.now(), context.random(3)).await?;
                context.sleep(Duration::from_millis(1)).await?;
                let after = context.now().await?;
                Ok(Output::data(&json!([
                    after.unix_micros - before.unix_micros,
                    bytes
                ])))
            }
            Self::Stuck => std::future::pending().await,
            Self::Panic => panic!("out of {}", "luck"),
            Self::Form { fields } => {
                http.post("https://example.com/")
                    .form(&fields)
                    .credential("default")
                    .send()
                    .await?
                    .success()?;
                Ok(Output::data(&()))
            }
            Self::Input => Ok(Output::data(&context.input::<Vec<u8>>()?.len())),
        }
    }
}

fn probe(config: Value) -> testing::Stage {
    testing::node::<Probe>(config)
}

#[test]
fn a_hundred_requests_are_in_flight_at_once() {
    let ran = probe(json!({"do": "fetch", "pages": 100}))
        .reply_with(|request| Reply::new(200 + request.query[0].1.parse::<u16>().unwrap()))
        .run();
    assert_eq!(ran.output(), json!((200..300).collect::<Vec<u16>>()));
    assert_eq!(ran.most_in_flight, 100);
}

#[test]
fn time_passes_without_waiting() {
    let ran = probe(json!({"do": "poll", "until": 200}))
        .reply(Reply::new(202))
        .reply(Reply::new(202))
        .reply(Reply::bytes(200, "text/plain", b"done"))
        .run();
    assert_eq!(ran.output(), json!({"bytes": 4}));
    assert_eq!(ran.slept, Duration::from_secs(20));
}

#[test]
fn clock_and_randomness_are_the_hosts() {
    let ran = probe(json!({"do": "clock"})).run();
    assert_eq!(ran.output(), json!([1000, [0, 1, 2]]));
}

#[test]
fn words_and_result_come_in_one_turn() {
    let ran = probe(json!({"do": "chat"})).attempt(2).run();
    assert_eq!(ran.logs, [(Level::Info, "hello".to_owned())]);
    assert_eq!(ran.progress, [(Some(0.5), "half way".to_owned())]);
    assert_eq!(ran.output_of("error"), json!(2));
    assert_eq!(ran.result.unwrap().retry.unwrap().after_ms, Some(70));
}

#[test]
fn awaiting_something_else_than_the_host_is_said() {
    let ran = probe(json!({"do": "stuck"})).run();
    assert_eq!(
        ran.error().to_string(),
        "PLUGIN_FAULT: The node awaited something that is not a Jackfield host call, such as a timer or socket of another \
         async runtime; nothing can ever wake it. Use the node's context instead."
    );
}

#[test]
fn a_panic_fails_the_call_only() {
    let ran = probe(json!({"do": "panic"})).run();
    assert_eq!(
        ran.error().to_string(),
        "PLUGIN_FAULT: The node panicked: out of luck."
    );
}

#[test]
fn a_bad_status_is_classified() {
    let send = |reply| {
        probe(json!({"do": "form", "fields": {"a": {"b": 1}}}))
            .reply(reply)
            .run()
    };

    let ran = send(Reply::json(
        402,
        &json!({"error": {"code": "card_declined"}}),
    ));
    assert_eq!(ran.requests[0].text(), "a%5Bb%5D=1");
    assert_eq!(ran.requests[0].credential.as_deref(), Some("default"));
    assert_eq!(
        ran.error().to_string(),
        "HTTP_402: https://example.com/ answered 402."
    );
    assert!(!ran.error().retryable);
    assert_eq!(
        ran.error().data.as_ref().unwrap().get(),
        r#"{"error":{"code":"card_declined"}}"#
    );

    let ran = send(Reply::new(503).header("Retry-After", "3"));
    assert!(ran.error().retryable);
    assert_eq!(ran.error().retry_after_ms, Some(3000));

    let ran = send(Reply::error(
        Error::new(code::TIMEOUT, "No answer within 1 s.").retryable(),
    ));
    assert_eq!(ran.error().code, "TIMEOUT");
    assert!(ran.error().retryable);
}

#[test]
fn mistakes_name_what_is_wrong() {
    let error = |config: Value| probe(config).run().error().to_string();
    assert_eq!(
        error(json!({"do": "form", "fields": 7})),
        "INVALID_REQUEST: The form is no object of names and values."
    );
    assert_eq!(
        error(json!({"do": "fetch", "pages": -1})),
        "INVALID_CONFIG: The config of probe is not valid: invalid value: integer `-1`, expected usize."
    );
    assert_eq!(
        error(json!({"do": "input"})),
        "INVALID_INPUT: The node cannot work with its input: invalid type: null, expected a sequence at line 1 column 4."
    );
}
