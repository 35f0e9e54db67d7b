//! What the API says about a plugin that works.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Plugins, Receiver, Setup, node, on_both_engines, start_then, step,
};
use serde_json::json;

on_both_engines![
    the_http_plugin_is_ready,
    a_plugin_runs_in_process_when_the_operator_says_so
];

async fn the_http_plugin_is_ready(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let document = "{ plugins { nodes { name status error isolation nodeTypes { type } } } providers { nodes { name } } }";
    let mut data = jackfield.owner().data(document).await?;
    for list in ["plugins", "providers"] {
        let nodes = data[list]["nodes"].as_array_mut();
        nodes
            .context("a list")?
            .retain(|node| node["name"] == "http");
    }
    allow_duplicates! {
        assert_json_snapshot!(data, @r#"
    {
      "plugins": {
        "nodes": [
          {
            "name": "http",
            "status": "READY",
            "error": null,
            "isolation": "PROCESS",
            "nodeTypes": [
              {
                "type": "api-endpoint"
              },
              {
                "type": "external-webhook"
              }
            ]
          }
        ]
      },
      "providers": {
        "nodes": [
          {
            "name": "http"
          }
        ]
      }
    }
    "#);
    }
    jackfield.finish().await
}

async fn a_plugin_runs_in_process_when_the_operator_says_so(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Setup::with(engine, Plugins::All)?
        .environment("JACKFIELD_ISOLATION", "in-process")
        .start()
        .await?;
    let call = start_then(node(
        "call",
        "api-endpoint",
        json!({"url": outside.url("/")}),
    ));
    let run = jackfield.owner().run_once(call, json!({})).await?;
    assert_eq!(
        step(&run, "call")["output"]["body"],
        json!({"ok": true}),
        "{run:#}"
    );
    let data = jackfield
        .owner()
        .data("{ plugins { nodes { isolation } } }")
        .await?;
    assert_eq!(
        data["plugins"]["nodes"][0]["isolation"], "IN_PROCESS",
        "{data:#}"
    );
    jackfield.finish().await
}
