//! What operators and browsers look at.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, node, on_both_engines, start_then};
use serde_json::json;

on_both_engines![
    health_and_metrics,
    the_page_at_the_root_brings_its_own_assets,
    a_log_line_names_its_run
];

async fn get(jackfield: &Jackfield, path: &str) -> Result<(u16, String, String)> {
    let request = reqwest::Client::new()
        .get(jackfield.url(path))
        .header("accept", "text/html, */*");
    let response = request.send().await?;
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    Ok((response.status().as_u16(), kind, response.text().await?))
}

async fn health_and_metrics(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    assert_eq!(get(&jackfield, "/healthz").await?.0, 200);
    assert_eq!(get(&jackfield, "/readyz").await?.0, 200);
    assert_eq!(get(&jackfield, "/nothing/here").await?.0, 404);
    jackfield.finish().await
}

async fn the_page_at_the_root_brings_its_own_assets(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (status, kind, page) = get(&jackfield, "/").await?;
    assert_eq!((status, kind.split(';').next()), (200, Some("text/html")));
    let mut assets = 0;
    for attribute in page
        .split(['"', '\''])
        .filter(|text| text.ends_with(".js") || text.ends_with(".css"))
    {
        assert!(
            !attribute.contains("//"),
            "{attribute} comes from elsewhere"
        );
        let path = format!("/{}", attribute.trim_start_matches(['.', '/']));
        assert_eq!(get(&jackfield, &path).await?.0, 200, "{path}");
        assets += 1;
    }
    assert!(assets > 0, "{page}");
    jackfield.finish().await
}

async fn a_log_line_names_its_run(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let broken = start_then(node(
        "broken",
        "set",
        json!({"values": {"x": "{{ 1 // 0 }}"}}),
    ));
    let run = jackfield.owner().run_once(broken, json!({})).await?;
    let id = run["id"].as_str().unwrap_or_default();
    let log = jackfield.log()?;
    let line = log.lines().find(|line| line.contains(id));
    let line: serde_json::Value = serde_json::from_str(line.unwrap_or_default())?;
    assert!(
        line["timestamp"].is_string() && line["level"].is_string(),
        "{line:#}"
    );
    jackfield.finish().await
}
