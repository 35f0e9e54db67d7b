//! Tests find what a host could not replay, and nodes may tidy up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::{Either, select};
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::testing::{self, Reply};

static CALLS: AtomicU32 = AtomicU32::new(0);

#[derive(Config)]
struct Moody {
    how: String,
}

impl Node for Moody {
    const TYPE: &'static str = "moody";
    type Output = Value;

    fn about() -> About {
        About::new("Moody")
    }

    async fn run(self, context: Context) -> Result<Value> {
        let http = context.http();
        match self.how.as_str() {
            "forgetful" => {
                let call = CALLS.fetch_add(1, Ordering::Relaxed);
                http.get(&format!("https://example.com/{call}"))
                    .send()
                    .await?;
                Ok(Value::Null)
            }
            "tidy" => {
                let work = std::pin::pin!(http.get("https://example.com/slow").send());
                match select(work, context.cancelled()).await {
                    Either::Left((response, _)) => Ok(json!(response?.status())),
                    Either::Right((reason, _)) => {
                        let _ = http.delete("https://example.com/job").send().await;
                        Err(Error::new("CANCELLED", reason))
                    }
                }
            }
            "fragile" => {
                let work = std::pin::pin!(http.get("https://example.com/").send());
                let response = select(work, context.cancelled()).await;
                match response {
                    Either::Left(_) => Ok(Value::Null),
                    Either::Right(_) => panic!("not while I am working"),
                }
            }
            _ => {
                let post = || http.post("https://example.com/a").idempotent();
                let first = post().send().await?;
                http.post("https://example.com/b")
                    .idempotent()
                    .send()
                    .await?;
                post().send().await?;
                Ok(json!(first.status()))
            }
        }
    }
}

fn run(how: &str) -> testing::Ran {
    testing::node::<Moody>(json!({"how": how}))
        .reply_with(|_| Reply::new(200))
        .run()
}

fn complaint(how: &str) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| run(how))).expect_err("the test should fail");
    let text = panic.downcast_ref::<String>();
    text.expect("a panic with a text").clone()
}

#[test]
fn a_call_that_cannot_be_replayed_fails_its_test() {
    let complaint = complaint("forgetful");
    assert!(
        complaint.contains("the call is not deterministic"),
        "{complaint}"
    );
    assert!(
        complaint.contains("resume 1, effect 1:\n  first: GET https://example.com/0"),
        "{complaint}"
    );
    assert!(
        complaint.contains("then:  GET https://example.com/1"),
        "{complaint}"
    );
}

#[test]
fn a_node_may_tidy_up_when_it_is_cancelled() {
    assert_eq!(run("tidy").output(), 200);
}

#[test]
fn a_node_that_breaks_when_it_is_cancelled_fails_its_test() {
    let complaint = complaint("fragile");
    assert!(
        complaint.contains("breaks when it is cancelled at await 1"),
        "{complaint}"
    );
    assert!(complaint.contains("not while I am working"), "{complaint}");
}

#[test]
fn each_effect_has_a_key_of_its_own_that_an_attempt_does_not_change() {
    let keys = |attempt| {
        let stage = testing::node::<Moody>(json!({"how": "keyed"})).attempt(attempt);
        let ran = stage.reply_with(|_| Reply::new(200)).run();
        ran.requests
            .into_iter()
            .map(|request| request.idempotency_key.unwrap())
            .collect::<Vec<_>>()
    };
    let first = keys(1);
    assert_eq!(first, keys(2));
    assert!(
        first[0].starts_with("step_test-") && first[0].ends_with("-1"),
        "{first:?}"
    );
    assert!(
        first[1].ends_with("-1") && first[1] != first[0],
        "{first:?}"
    );
    assert_eq!(first[2], first[0].replace("-1", "-2"));
}

#[test]
fn what_was_recorded_is_compared_member_by_member() {
    let recorded = r#"[{"request": {"method": "GET", "url": "https://example.com/slow?a=1"}, "response": {"status": 200}}]"#;
    let stage = || testing::node::<Moody>(json!({"how": "tidy"})).recorded(recorded);
    let panic = catch_unwind(AssertUnwindSafe(|| stage().run())).unwrap_err();
    assert_eq!(
        panic.downcast_ref::<String>().unwrap(),
        "request 1, GET https://example.com/slow, is not as recorded:\n  query a: recorded 1, sent nothing"
    );
}
