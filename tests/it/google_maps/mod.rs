//! The plugin `google-maps`, from the connected app to the way.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, GoogleMaps, Jackfield, Reply, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_drawer_shows_the_key_and_what_it_is_good_for,
    a_worker_is_led_to_an_address,
    what_goes_wrong_leaves_by_the_error_port,
    what_is_under_way_is_asked_again,
];

/// A workflow that asks for the way to an address.
fn leads(app: &Value) -> Value {
    let config = json!({
        "operation": "directions", "origin": "{{ trigger.body.worker }}", "destination": "{{ trigger.body.address }}", "traffic": "aware",
    });
    start_then_or_excuse(node_of_app("way", "google-maps", app, config))
}

fn booking() -> Value {
    json!({"address": "1 Frank H. Ogawa Plaza, Oakland", "worker": {"lat": 37.7749, "lng": -122.4194}})
}

async fn a_drawer_shows_the_key_and_what_it_is_good_for(engine: Engine) -> Result<()> {
    let google = GoogleMaps::start().await?;
    let jackfield = Jackfield::with(engine, &["google-maps"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let drawer = "query($id: ID!) { connectedApp(id: $id) { status active maskedCredential lastHealthCheck { ok message } } }";
    let shown = owner.data_with(drawer, json!({"id": app})).await?;
    let denied = GoogleMaps::denied("REQUEST_DENIED", "The provided API key is invalid. ");
    google.outside.answer(GoogleMaps::GEOCODE, [denied]);
    let way = Reply::json(200, &json!({"routes": [{"distanceMeters": 14}]}));
    google.outside.answer(GoogleMaps::ROUTES, [way]);
    let check = "connectedApp { status lastHealthCheck { ok message } }";
    let for_routes = owner
        .succeed("checkConnectedApp", json!({"connectedAppId": app}), check)
        .await?;
    let invalid = GoogleMaps::error(400, "INVALID_ARGUMENT", "API key not valid.");
    google.outside.answer(GoogleMaps::ROUTES, [invalid]);
    let refused = owner
        .mutate("connectApp", google.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(json!([shown["connectedApp"], for_routes["connectedApp"], refused["userErrors"]]), @r#"
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
            "status": "CONNECTED",
            "lastHealthCheck": {
              "ok": true,
              "message": "a key for directions only"
            }
          },
          [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Google Maps does not take these credentials: maps.googleapis.com answered 200: The provided API key is invalid."
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_worker_is_led_to_an_address(engine: Engine) -> Result<()> {
    let google = GoogleMaps::start().await?;
    let jackfield = Jackfield::with(engine, &["google-maps"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let look =
        json!({"operation": "geocode", "address": "{{ trigger.body.address }}", "country": "US"});
    let way = json!({
        "operation": "directions", "origin": "{{ trigger.body.worker }}", "destination": "{{ steps.look.output }}",
    });
    let values = json!({"values": {"seconds": "{{ steps.way.output.routes[0].durationSeconds }}"}});
    let nodes = [
        node("start", "manual", json!({})),
        node_of_app("look", "google-maps", &app, look),
        node_of_app("way", "google-maps", &app, way),
        node("estimate", "set", values),
    ];
    let edges = ["start -> look", "look -> way", "way -> estimate"];
    let run = owner.run_once(graph(nodes, &edges), booking()).await?;
    assert_eq!(
        step(&run, "estimate")["output"],
        json!({"seconds": 3600.0}),
        "{run:#}"
    );
    let looked = google.outside.requests_to(GoogleMaps::GEOCODE);
    assert_eq!(
        looked[1].query,
        "address=1+Frank+H.+Ogawa+Plaza%2C+Oakland&components=country%3AUS&key=AIza-key-of-the-tests"
    );
    let asked = &google.outside.requests_to(GoogleMaps::ROUTES)[0];
    assert_eq!(asked.query, "key=AIza-key-of-the-tests");
    assert_eq!(
        asked.json()["destination"]["location"]["latLng"],
        json!({"latitude": 37.8044, "longitude": -122.2711})
    );
    // The key is in the address, and nowhere else.
    assert!(!run.to_string().contains("AIza-key"), "{run:#}");
    assert!(!jackfield.log()?.contains("AIza-key"));
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let google = GoogleMaps::start().await?;
    let jackfield = Jackfield::with(engine, &["google-maps"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let mut definition = leads(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    let past = "Timestamp must be set to a future time.";
    for reply in [
        GoogleMaps::error(400, "INVALID_ARGUMENT", past),
        Reply::json(200, &json!({})),
        Reply::hang(),
    ] {
        google.outside.answer(GoogleMaps::ROUTES, [reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    let config = json!({"operation": "geocode", "address": "{{ trigger.body.address }}"});
    let mut look = start_then_or_excuse(node_of_app("look", "google-maps", &app, config));
    let blocked = GoogleMaps::denied("OVER_DAILY_LIMIT", "You must enable Billing.");
    google.outside.answer(GoogleMaps::GEOCODE, [blocked]);
    let run = owner.run_once(look.clone(), booking()).await?;
    told.push(step(&run, "excuse")["output"]["message"].clone());
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "INVALID_ARGUMENT",
            "message": "routes.googleapis.com answered 400: Timestamp must be set to a future time.",
            "data": {
              "error": {
                "code": 400,
                "message": "Timestamp must be set to a future time.",
                "status": "INVALID_ARGUMENT"
              }
            }
          },
          {
            "code": "NO_ROUTE",
            "message": "routes.googleapis.com knows no way between these places."
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          },
          {
            "code": "OVER_DAILY_LIMIT",
            "message": "maps.googleapis.com answered 200: You must enable Billing.",
            "data": {
              "results": [],
              "status": "OVER_DAILY_LIMIT",
              "error_message": "You must enable Billing."
            }
          }
        ]
        "#);
    }
    let limited = GoogleMaps::error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.");
    let way = [limited.header("retry-after", "0"), GoogleMaps::way()];
    google.outside.answer(GoogleMaps::ROUTES, way);
    let often = GoogleMaps::denied("OVER_QUERY_LIMIT", "You have exceeded your rate-limit.");
    google
        .outside
        .answer(GoogleMaps::GEOCODE, [often, GoogleMaps::found()]);
    for (key, definition) in [("way", &mut definition), ("look", &mut look)] {
        definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
        let run = owner.run_once(definition.clone(), booking()).await?;
        assert_eq!(step(&run, key)["status"], "SUCCEEDED", "{run:#}");
        assert_eq!(step(&run, key)["attempt"], 2, "{run:#}");
    }
    jackfield.finish().await
}

async fn what_is_under_way_is_asked_again(engine: Engine) -> Result<()> {
    let google = GoogleMaps::start().await?;
    let mut jackfield = Jackfield::with(engine, &["google-maps"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let earlier = google.outside.requests().len();
    google
        .outside
        .answer(GoogleMaps::ROUTES, [Reply::hang(), GoogleMaps::way()]);
    let workflow = owner.publish("Way", leads(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    google.outside.wait_for(earlier + 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    // Asking for a way changes nothing, though it is a POST, so nobody has to be asked.
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let asked = google.outside.requests_to(GoogleMaps::ROUTES);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].text(), asked[1].text());
    jackfield.finish().await
}
