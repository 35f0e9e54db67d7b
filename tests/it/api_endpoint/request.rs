//! What reaches the service.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, on_both_engines, step};
use serde_json::json;

use super::call;

on_both_engines![
    each_method_arrives,
    a_json_body,
    a_form_body,
    a_text_body,
    headers_and_query,
    an_expression_in_the_url_is_escaped_nowhere_else,
    redirects_are_followed,
];

async fn each_method_arrives(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
    for method in methods {
        let run = call(
            &jackfield,
            json!({"url": outside.url("/m"), "method": method}),
        )
        .await?;
        assert_eq!(run["status"], "SUCCEEDED", "{method}: {run:#}");
        assert_eq!(
            step(&run, "call")["output"]["status"],
            200,
            "{method}: {run:#}"
        );
    }
    let arrived: Vec<_> = outside
        .requests()
        .into_iter()
        .map(|request| request.method)
        .collect();
    assert_eq!(arrived, methods);
    jackfield.finish().await
}

async fn a_json_body(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let body = json!({"name": "Zoë", "tags": ["a", 1, null], "big": 9_007_199_254_740_993_i64});
    call(
        &jackfield,
        json!({"url": outside.url("/"), "method": "POST", "bodyFormat": "json", "body": body}),
    )
    .await?;

    let request = &outside.requests()[0];
    assert!(
        request
            .header("content-type")
            .starts_with("application/json"),
        "{request:?}"
    );
    assert_eq!(request.json(), body);
    jackfield.finish().await
}

async fn a_form_body(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let body = json!({"amount": 2000, "currency": "usd", "payment_method_types[]": "card", "note": "a&b = c"});
    call(
        &jackfield,
        json!({"url": outside.url("/"), "method": "POST", "bodyFormat": "form", "body": body}),
    )
    .await?;

    let request = &outside.requests()[0];
    assert!(
        request
            .header("content-type")
            .starts_with("application/x-www-form-urlencoded"),
        "{request:?}"
    );
    assert_eq!(
        request.text(),
        "amount=2000&currency=usd&payment_method_types%5B%5D=card&note=a%26b+%3D+c"
    );
    jackfield.finish().await
}

async fn a_text_body(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({
        "url": outside.url("/"), "method": "PUT", "bodyFormat": "text", "body": "<a>ß</a>",
        "headers": {"Content-Type": "application/xml"},
    });
    call(&jackfield, config).await?;

    let request = &outside.requests()[0];
    assert_eq!(request.header("content-type"), "application/xml");
    assert_eq!(request.text(), "<a>ß</a>");
    jackfield.finish().await
}

async fn headers_and_query(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({
        "url": outside.url("/search?kept=yes"),
        "headers": {"X-Trace": "abc", "Accept": "application/vnd.example+json"},
        "query": {"q": "two words & more", "page": 2},
    });
    call(&jackfield, config).await?;

    let request = &outside.requests()[0];
    assert_eq!(
        (request.header("x-trace"), request.header("accept")),
        ("abc", "application/vnd.example+json")
    );
    let query = request.query.replace('+', "%20");
    assert_eq!(query, "kept=yes&q=two%20words%20%26%20more&page=2");
    jackfield.finish().await
}

async fn an_expression_in_the_url_is_escaped_nowhere_else(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({"url": outside.url("/{{ 'a b' | urlencode }}"), "headers": {"X-Raw": "{{ 'a b' }}"}});
    call(&jackfield, config).await?;

    let request = &outside.requests()[0];
    assert_eq!((&*request.path, request.header("x-raw")), ("/a%20b", "a b"));
    jackfield.finish().await
}

async fn redirects_are_followed(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/old", [Reply::redirect(302, "/new")]);
    outside.answer("/new", [Reply::json(200, &json!({"moved": true}))]);
    let jackfield = Jackfield::start(engine).await?;
    let run = call(&jackfield, json!({"url": outside.url("/old")})).await?;

    assert_eq!(
        step(&run, "call")["output"]["body"],
        json!({"moved": true}),
        "{run:#}"
    );
    jackfield.finish().await
}
