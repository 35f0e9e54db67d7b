//! The plugin `geoapify`, from the connected app to the address.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Geoapify, Jackfield, Reply, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_drawer_shows_the_key_and_its_last_check,
    an_address_is_found_and_what_is_near_it,
    what_goes_wrong_leaves_by_the_error_port,
    what_is_under_way_is_asked_again,
];

/// A workflow that looks for an address.
fn looks(app: &Value) -> Value {
    let config =
        json!({"operation": "geocode", "address": "{{ trigger.body.address }}", "limit": 1});
    start_then_or_excuse(node_of_app("look", "geoapify", app, config))
}

fn booking() -> Value {
    json!({"address": "1 Frank H. Ogawa Plaza, Oakland"})
}

async fn a_drawer_shows_the_key_and_its_last_check(engine: Engine) -> Result<()> {
    let geoapify = Geoapify::start().await?;
    let jackfield = Jackfield::with(engine, &["geoapify"]).await?;
    let owner = jackfield.owner();
    let app = geoapify.connect(&owner).await?;
    let drawer = "query($id: ID!) { connectedApp(id: $id) { status active maskedCredential lastHealthCheck { ok message } } }";
    let mut shown =
        vec![owner.data_with(drawer, json!({"id": app})).await?["connectedApp"].clone()];
    let invalid = Geoapify::refused(401, "Unauthorized", "Invalid apiKey");
    geoapify.outside.answer(Geoapify::GEOCODE, [invalid]);
    let check = json!({"connectedAppId": app});
    owner
        .succeed("checkConnectedApp", check, "connectedApp { id }")
        .await?;
    let off = json!({"connectedAppId": app, "active": false});
    owner
        .succeed("setConnectedAppActive", off, "connectedApp { id }")
        .await?;
    shown.push(owner.data_with(drawer, json!({"id": app})).await?["connectedApp"].clone());
    let refused = owner
        .mutate("connectApp", geoapify.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(json!([shown, refused["userErrors"]]), @r#"
        [
          [
            {
              "status": "CONNECTED",
              "active": true,
              "maskedCredential": "••••ests",
              "lastHealthCheck": {
                "ok": true,
                "message": "a key for geocoding"
              }
            },
            {
              "status": "INACTIVE",
              "active": false,
              "maskedCredential": "••••ests",
              "lastHealthCheck": {
                "ok": false,
                "message": "api.geoapify.com answered 401: Invalid apiKey."
              }
            }
          ],
          [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Geoapify does not take these credentials: api.geoapify.com answered 401: Invalid apiKey."
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn an_address_is_found_and_what_is_near_it(engine: Engine) -> Result<()> {
    let geoapify = Geoapify::start().await?;
    let jackfield = Jackfield::with(engine, &["geoapify"]).await?;
    let owner = jackfield.owner();
    let app = geoapify.connect(&owner).await?;
    let look = json!({"operation": "geocode", "address": "{{ trigger.body.address }}", "limit": 1});
    let near = json!({"operation": "reverse_geocode", "coordinates": "{{ steps.look.output }}", "type": "street"});
    let nodes = [
        node("start", "manual", json!({})),
        node_of_app("look", "geoapify", &app, look),
        node_of_app("near", "geoapify", &app, near),
    ];
    let definition = graph(nodes, &["start -> look", "look -> near"]);
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(
        step(&run, "near")["output"]["features"][0]["properties"]["rank"]["confidence"],
        1,
        "{run:#}"
    );
    let looked = geoapify.outside.requests_to(Geoapify::GEOCODE);
    assert_eq!(
        looked[1].query,
        "text=1+Frank+H.+Ogawa+Plaza%2C+Oakland&limit=1&apiKey=key-of-the-tests"
    );
    let asked = &geoapify.outside.requests_to(Geoapify::REVERSE)[0];
    assert_eq!(
        asked.query,
        "type=street&lat=37.8044&lon=-122.2711&apiKey=key-of-the-tests"
    );
    // The key is in the address, and nowhere else.
    assert!(!run.to_string().contains("key-of-the"), "{run:#}");
    assert!(!jackfield.log()?.contains("key-of-the"));
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let geoapify = Geoapify::start().await?;
    let jackfield = Jackfield::with(engine, &["geoapify"]).await?;
    let owner = jackfield.owner();
    let app = geoapify.connect(&owner).await?;
    let mut definition = looks(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    let long = Geoapify::refused(400, "Bad Request", "\"text\" is too long");
    for reply in [long, Reply::hang()] {
        geoapify.outside.answer(Geoapify::GEOCODE, [reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "HTTP_400",
            "message": "api.geoapify.com answered 400: \"text\" is too long.",
            "data": {
              "statusCode": 400,
              "error": "Bad Request",
              "message": "\"text\" is too long"
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    let limited = Geoapify::refused(429, "Too Many Requests", "Rate limit exceeded");
    geoapify
        .outside
        .answer(Geoapify::GEOCODE, [limited, Geoapify::found()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(step(&run, "look")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "look")["attempt"], 2, "{run:#}");
    jackfield.finish().await
}

async fn what_is_under_way_is_asked_again(engine: Engine) -> Result<()> {
    let geoapify = Geoapify::start().await?;
    let mut jackfield = Jackfield::with(engine, &["geoapify"]).await?;
    let owner = jackfield.owner();
    let app = geoapify.connect(&owner).await?;
    let earlier = geoapify.outside.requests().len();
    geoapify
        .outside
        .answer(Geoapify::GEOCODE, [Reply::hang(), Geoapify::found()]);
    let workflow = owner.publish("Look", looks(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    geoapify.outside.wait_for(earlier + 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    // Looking changes nothing, so nobody has to be asked.
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let asked = geoapify.outside.requests_to(Geoapify::GEOCODE);
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[1].query, asked[2].query);
    jackfield.finish().await
}
