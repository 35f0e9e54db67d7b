//! Something is done once for each item of a list.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{
    Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step, steps,
};
use serde_json::{Value, json};

on_both_engines![
    so_many_items_at_once_and_their_results_in_order,
    an_item_that_fails_does_not_keep_the_others,
    one_item_after_the_other_by_default,
    what_is_no_list_fails,
];

/// Calls `/item/{item}` for each item, and says what came of it.
fn each(outside: &Receiver, config: Value) -> Value {
    let url = outside.url("/item/{{ steps.each.output.item }}");
    let name =
        json!({"got": "{{ steps.call.output.body.n }}", "index": "{{ steps.each.output.index }}"});
    let nodes = [
        node("start", "manual", json!({})),
        node("each", "for-each", config),
        node("call", "api-endpoint", json!({"url": url})),
        node("name", "set", json!({"values": name})),
        node(
            "all",
            "set",
            json!({"values": {"all": "{{ steps.each.output }}"}}),
        ),
    ];
    let edges = [
        "start -> each",
        "each.item -> call",
        "call -> name",
        "each -> all",
    ];
    graph(nodes, &edges)
}

async fn so_many_items_at_once_and_their_results_in_order(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    for n in 0..6 {
        // The first items take the longest.
        let pause = Duration::from_millis(300 - 40 * n);
        let reply = Reply::json(200, &json!({"n": n * 10})).after(pause);
        outside.answer(&format!("/item/{n}"), [reply]);
    }
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({"items": "{{ range(6) }}", "concurrency": 3});
    let run = jackfield
        .owner()
        .run_once(each(&outside, config), json!({}))
        .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let results: Vec<Value> = (0..6).map(|n| json!({"got": n * 10, "index": n})).collect();
    assert_eq!(
        run["output"]["all"],
        json!({"results": results, "errors": [], "count": 6})
    );
    assert_eq!(outside.most_at_once(), 3);
    jackfield.finish().await
}

async fn an_item_that_fails_does_not_keep_the_others(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let good = Reply::json(200, &json!({"n": 1}));
    outside.answer("/item/a", [good.clone()]);
    outside.answer("/item/b", [Reply::json(422, &json!({"error": "no b"}))]);
    outside.answer("/item/c", [good]);
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({"items": ["a", "b", "c"]});
    let run = jackfield
        .owner()
        .run_once(each(&outside, config), json!({}))
        .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let all = &run["output"]["all"];
    assert_eq!(
        all["results"],
        json!([{"got": 1, "index": 0}, null, {"got": 1, "index": 2}])
    );
    assert_eq!(
        all["errors"],
        json!([{
            "index": 1, "nodeKey": "call", "code": "HTTP_STATUS",
            "message": "the service answered with status 422; see the step's output",
        }])
    );
    let calls = steps(&run);
    let calls = calls.iter().filter(|step| step.starts_with("call"));
    let calls: Vec<&String> = calls.collect();
    assert_eq!(calls, ["call SUCCEEDED", "call FAILED", "call SUCCEEDED"]);
    jackfield.finish().await
}

async fn one_item_after_the_other_by_default(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({"items": ["a", "b", "c", "d"]});
    let run = jackfield
        .owner()
        .run_once(each(&outside, config), json!({}))
        .await?;
    let paths: Vec<String> = outside
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths, ["/item/a", "/item/b", "/item/c", "/item/d"]);
    assert_eq!(outside.most_at_once(), 1, "{run:#}");

    let none = each(&outside, json!({"items": []}));
    let run = jackfield.owner().run_once(none, json!({})).await?;
    assert_eq!(
        run["output"]["all"],
        json!({"results": [], "errors": [], "count": 0})
    );
    jackfield.finish().await
}

async fn what_is_no_list_fails(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({"items": "{{ trigger.body.lines }}"});
    let run = jackfield
        .owner()
        .run_once(each(&outside, config), json!({"lines": "a,b"}))
        .await?;
    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(
        step(&run, "each")["error"],
        json!({"code": "NODE_FAILED", "message": "config.items is not a list"})
    );
    assert_eq!(outside.requests().len(), 0);
    jackfield.finish().await
}
