//! Pages of other origins.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Setup};
use reqwest::{Method, Response};

async fn ask(jackfield: &Jackfield, method: Method, origin: &str) -> Result<Response> {
    let request = reqwest::Client::new().request(method, jackfield.url("/graphql"));
    let request = request
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
        .header("content-type", "application/json")
        .body(r#"{"query": "{ __typename }"}"#);
    Ok(request.send().await?)
}

#[tokio::test]
async fn pages_of_allowed_origins_may_send_requests() -> Result<()> {
    let jackfield = Setup::new(Engine::Sqlite)?
        .environment("JACKFIELD_ALLOWED_ORIGINS", "https://app.example.com")
        .start()
        .await?;
    let allowed = |response: &Response| {
        let header = response.headers().get("access-control-allow-origin");
        header
            .and_then(|origin| origin.to_str().ok())
            .map(str::to_owned)
    };

    let preflight = ask(&jackfield, Method::OPTIONS, "https://app.example.com").await?;
    let request = ask(&jackfield, Method::POST, "https://app.example.com").await?;
    let foreign = ask(&jackfield, Method::OPTIONS, "https://evil.example").await?;

    assert_eq!(preflight.status().as_u16(), 200);
    assert_eq!(
        allowed(&preflight).as_deref(),
        Some("https://app.example.com")
    );
    assert_eq!(
        allowed(&request).as_deref(),
        Some("https://app.example.com")
    );
    assert_eq!(preflight.headers()["access-control-max-age"], "3600");
    // Nothing of the browser's own, such as a cookie, comes with a request.
    assert!(
        !preflight
            .headers()
            .contains_key("access-control-allow-credentials")
    );
    assert_eq!(allowed(&foreign), None);
    jackfield.finish().await
}
