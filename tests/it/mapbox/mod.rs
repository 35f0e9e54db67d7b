//! The plugin `mapbox`, from the connected app to the way.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Mapbox, Reply, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_token_is_tested_before_it_is_stored,
    a_worker_is_led_to_an_address,
    what_goes_wrong_leaves_by_the_error_port,
    what_is_under_way_is_asked_again,
];

/// Where ways are asked for that lead from the worker to the address.
const WAY: &str = "/directions/v5/mapbox/driving/-122.4194%2C37.7749%3B-122.2711%2C37.8044";

/// A workflow that looks for an address.
fn looks(app: &Value) -> Value {
    let config =
        json!({"operation": "geocode", "address": "{{ trigger.body.address }}", "limit": 1});
    start_then_or_excuse(node_of_app("look", "mapbox", app, config))
}

fn booking() -> Value {
    json!({"address": "1 Frank H. Ogawa Plaza, Oakland", "worker": {"lat": 37.7749, "lng": -122.4194}})
}

async fn a_token_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let mapbox = Mapbox::start().await?;
    let jackfield = Jackfield::with(engine, &["mapbox"]).await?;
    let owner = jackfield.owner();
    mapbox.connect(&owner).await?;
    let tested = &mapbox.outside.requests_to("/tokens/v2")[0];
    assert_eq!(tested.query, "access_token=pk.token-of-the-tests");
    let revoked = Reply::json(200, &json!({"code": "TokenRevoked"}));
    mapbox.outside.answer("/tokens/v2", [revoked]);
    let refused = owner
        .mutate("connectApp", mapbox.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        {
          "connectedApp": null,
          "userErrors": [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Mapbox does not take these credentials: api.mapbox.com answered 200: TokenRevoked."
            }
          ]
        }
        "#);
    }
    jackfield.finish().await
}

async fn a_worker_is_led_to_an_address(engine: Engine) -> Result<()> {
    let mapbox = Mapbox::start().await?;
    mapbox.outside.answer(WAY, [Mapbox::way()]);
    let jackfield = Jackfield::with(engine, &["mapbox"]).await?;
    let owner = jackfield.owner();
    let app = mapbox.connect(&owner).await?;
    let way = json!({
        "operation": "directions", "origin": "{{ trigger.body.worker }}", "destination": "{{ steps.look.output }}",
    });
    let values = json!({"values": {"seconds": "{{ steps.way.output.routes[0].duration }}"}});
    let look = json!({"operation": "geocode", "address": "{{ trigger.body.address }}", "limit": 1});
    let nodes = [
        node("start", "manual", json!({})),
        node_of_app("look", "mapbox", &app, look),
        node_of_app("way", "mapbox", &app, way),
        node("estimate", "set", values),
    ];
    let edges = ["start -> look", "look -> way", "way -> estimate"];
    let run = owner.run_once(graph(nodes, &edges), booking()).await?;
    assert_eq!(
        step(&run, "estimate")["output"],
        json!({"seconds": 3600.0}),
        "{run:#}"
    );
    let asked = &mapbox.outside.requests_to(Mapbox::GEOCODE)[0];
    assert_eq!(
        asked.query,
        "q=1+Frank+H.+Ogawa+Plaza%2C+Oakland&autocomplete=false&limit=1&access_token=pk.token-of-the-tests"
    );
    // The token is in the address, and nowhere else.
    assert!(!run.to_string().contains("pk.token"), "{run:#}");
    assert!(!jackfield.log()?.contains("pk.token"));
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let mapbox = Mapbox::start().await?;
    let jackfield = Jackfield::with(engine, &["mapbox"]).await?;
    let owner = jackfield.owner();
    let app = mapbox.connect(&owner).await?;
    let mut definition = looks(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    let long = Mapbox::refused(422, "QueryTooLong", "Query too long - 32/20 tokens");
    for reply in [long, Reply::hang()] {
        mapbox.outside.answer(Mapbox::GEOCODE, [reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    let config = json!({"operation": "directions", "origin": "-122.4194,37.7749", "destination": "-122.2711,37.8044"});
    let way = start_then_or_excuse(node_of_app("way", "mapbox", &app, config));
    let none = Mapbox::refused(200, "NoRoute", "No route found");
    mapbox.outside.answer(WAY, [none]);
    let run = owner.run_once(way, json!({})).await?;
    told.push(step(&run, "excuse")["output"]["message"].clone());
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "QUERY_TOO_LONG",
            "message": "api.mapbox.com answered 422: Query too long - 32/20 tokens.",
            "data": {
              "code": "QueryTooLong",
              "message": "Query too long - 32/20 tokens"
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          },
          {
            "code": "NO_ROUTE",
            "message": "api.mapbox.com answered 200: No route found.",
            "data": {
              "code": "NoRoute",
              "message": "No route found"
            }
          }
        ]
        "#);
    }
    let limited = Mapbox::refused(429, "TooManyRequests", "Too Many Requests")
        .header("x-rate-limit-reset", "1");
    mapbox
        .outside
        .answer(Mapbox::GEOCODE, [limited, Mapbox::found()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(step(&run, "look")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "look")["attempt"], 2, "{run:#}");
    jackfield.finish().await
}

async fn what_is_under_way_is_asked_again(engine: Engine) -> Result<()> {
    let mapbox = Mapbox::start().await?;
    let mut jackfield = Jackfield::with(engine, &["mapbox"]).await?;
    let owner = jackfield.owner();
    let app = mapbox.connect(&owner).await?;
    let earlier = mapbox.outside.requests().len();
    mapbox
        .outside
        .answer(Mapbox::GEOCODE, [Reply::hang(), Mapbox::found()]);
    let workflow = owner.publish("Look", looks(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    mapbox.outside.wait_for(earlier + 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    // Looking changes nothing, so nobody has to be asked.
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let asked = mapbox.outside.requests_to(Mapbox::GEOCODE);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].query, asked[1].query);
    jackfield.finish().await
}
