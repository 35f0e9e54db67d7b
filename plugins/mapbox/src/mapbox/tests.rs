use jackfield_plugin_sdk::testing::{self, Ran, Reply};

use super::*;
use crate::tests::as_the_sdk;

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin())
        .node("mapbox", config)
        .connected_app("mapbox", &json!({}));
    let stage = replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply));
    stage.run()
}

fn places() -> Reply {
    let place = json!({"geometry": {"coordinates": [13.3255, 52.5126]}, "properties": {"full_address": "Straße des 17. Juni 135"}});
    Reply::json(
        200,
        &json!({"type": "FeatureCollection", "features": [place], "attribution": "…"}),
    )
}

fn ways() -> Reply {
    Reply::json(
        200,
        &json!({"code": "Ok", "routes": [{"distance": 1, "duration": 2}], "uuid": "1"}),
    )
}

#[track_caller]
fn asks(name: &str, config: Value, reply: Reply) {
    let ran = run(config, [reply]);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0]);
}

#[test]
fn addresses_are_asked_for_as_the_sdk_does() {
    let config = json!({"operation": "geocode", "address": "2 Lincoln Memorial Circle SW"});
    asks("geocode_with_little", config, places());
    let config = json!({
        "operation": "geocode", "address": "Straße des 17. Juni 135, Berlin", "countries": ["de", "at"], "proximity": [13.3255, 52.5126],
        "types": ["address", "street"], "boundingBox": [13.0884, 52.3382, 13.7611, 52.6755], "language": "de", "limit": 3,
        "worldview": "us", "autocomplete": true, "permanent": true,
    });
    asks("geocode", config, places());
    let place = json!({"operation": "reverse_geocode", "coordinates": "-122.4194,37.7749"});
    asks("reverse_geocode_with_little", place.clone(), places());
    let mut config = place;
    for (name, value) in [
        ("countries", json!(["us"])),
        ("types", json!(["address"])),
        ("limit", json!(2)),
        ("language", json!("en")),
        ("worldview", json!("us")),
        ("permanent", json!(true)),
    ] {
        config[name] = value;
    }
    asks("reverse_geocode", config, places());
}

#[test]
fn ways_are_asked_for_as_the_sdk_does() {
    let little = json!({"operation": "directions", "origin": "-122.4194,37.7749", "destination": [-122.2711, 37.8044]});
    asks("directions_with_little", little.clone(), ways());
    let mut config = little;
    for (name, value) in [
        ("profile", json!("driving-traffic")),
        ("stops", json!(["-122.3,37.79"])),
        ("alternatives", json!(true)),
        ("annotations", json!(["duration", "distance"])),
        ("exclude", json!(["toll", "ferry"])),
        ("geometries", json!("geojson")),
        ("language", json!("de")),
        ("overview", json!("full")),
        ("steps", json!(true)),
        ("departure", json!("2026-12-01T09:00")),
    ] {
        config[name] = value;
    }
    asks("directions", config, ways());
}

#[test]
fn isochrones_are_asked_for_as_the_sdk_does() {
    let reach = || Reply::json(200, &json!({"type": "FeatureCollection", "features": []}));
    let with = |more: Value| {
        let mut config = json!({"operation": "isochrone", "origin": [-122.4194, 37.7749]});
        for (name, value) in more.as_object().into_iter().flatten() {
            config[name] = value.clone();
        }
        config
    };
    asks(
        "isochrone_with_little",
        with(json!({"minutes": 15})),
        reach(),
    );
    asks(
        "isochrone_by_distance",
        with(json!({"meters": [1000, 5000]})),
        reach(),
    );
    let more = json!({
        "profile": "walking", "minutes": [5, 10], "colors": ["#ff0000", "00ff00"], "polygons": false, "denoise": 0.5, "generalize": 20,
    });
    asks("isochrone", with(more), reach());

    let missing = "INVALID_CONFIG: minutes is missing: say for how long one travels.";
    let range =
        "INVALID_CONFIG: minutes has to be one to four numbers from 1 to 60, smallest first.";
    for (more, message) in [
        (json!({}), missing),
        (json!({"minutes": [20, 10]}), range),
        (json!({"minutes": 61}), range),
        (json!({"minutes": []}), range),
        (
            json!({"minutes": 5, "meters": 5}),
            "INVALID_CONFIG: minutes and meters cannot both be there: choose one.",
        ),
        (
            json!({"minutes": "soon"}),
            "INVALID_CONFIG: minutes in the config of mapbox is not valid: write a whole number, or a list of them.",
        ),
    ] {
        let ran = run(with(more), []);
        assert_eq!(ran.error().to_string(), message);
    }
}

#[test]
fn a_way_leads_to_what_was_geocoded() {
    let found = run(
        json!({"operation": "geocode", "address": "Straße des 17. Juni 135"}),
        [places()],
    )
    .output();
    assert_eq!(found["attribution"], "…");
    let config = json!({"operation": "directions", "origin": "13.4,52.5", "destination": found});
    let ran = run(config, [ways()]);
    assert!(
        ran.requests[0]
            .url
            .ends_with("/13.4%2C52.5%3B13.3255%2C52.5126"),
        "{}",
        ran.requests[0].url
    );
    assert_eq!(ran.output()["uuid"], "1");
    let many = vec!["13.4,52.5"; 24];
    let config = json!({"operation": "directions", "origin": "13.4,52.5", "destination": "13.4,52.5", "stops": many});
    assert_eq!(
        run(config, []).error().to_string(),
        "INVALID_CONFIG: stops has 24 places; Mapbox takes at most 23."
    );
}

#[test]
fn what_mapbox_refuses_is_told_with_its_words() {
    let failed = |config: Value, reply: Reply| run(config, [reply]).error().clone();
    let geocode = || json!({"operation": "geocode", "address": "Berlin"});
    let way =
        || json!({"operation": "directions", "origin": "13.4,52.5", "destination": "13.5,52.5"});
    let reach = || json!({"operation": "isochrone", "origin": "13.4,52.5", "minutes": 5});
    let said = |status, body: Value| Reply::json(status, &body);
    for (config, reply, error) in [
        (
            geocode(),
            said(401, json!({"message": "Not Authorized - Invalid Token"})),
            "CREDENTIAL: api.mapbox.com answered 401: Not Authorized - Invalid Token.",
        ),
        (
            geocode(),
            said(
                422,
                json!({"message": "Type \"addr\" is not a known type."}),
            ),
            "HTTP_422: api.mapbox.com answered 422: Type \"addr\" is not a known type.",
        ),
        (
            way(),
            said(
                200,
                json!({"code": "NoSegment", "message": "Could not find a matching segment", "routes": []}),
            ),
            "NO_SEGMENT: api.mapbox.com answered 200: Could not find a matching segment.",
        ),
        (
            way(),
            said(
                422,
                json!({"code": "InvalidInput", "message": "Coordinate is invalid: 181,0"}),
            ),
            "INVALID_INPUT: api.mapbox.com answered 422: Coordinate is invalid: 181,0.",
        ),
        (
            reach(),
            said(
                200,
                json!({"code": "NoSegment", "message": "No road segment"}),
            ),
            "NO_SEGMENT: api.mapbox.com answered 200: No road segment.",
        ),
    ] {
        let told = failed(config, reply);
        assert_eq!(told.to_string(), error);
        assert!(!told.retryable);
    }
    let limited = said(429, json!({"message": "Too Many Requests"}));
    let until = limited
        .clone()
        .header("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
        .header("X-Rate-Limit-Reset", "1767225630");
    let told = failed(geocode(), until);
    assert_eq!((told.retryable, told.retry_after_ms), (true, Some(30_000)));
    assert_eq!(failed(geocode(), limited).retry_after_ms, Some(5_000));
    assert!(failed(reach(), Reply::new(503)).retryable);
}

#[test]
fn a_place_that_is_none_says_how_to_write_one() {
    let ran = run(
        json!({"operation": "reverse_geocode", "coordinates": "37.7749,-122.4194"}),
        [],
    );
    assert_eq!(
        ran.error().to_string(),
        "INVALID_CONFIG: coordinates in the config of mapbox is not valid: \"37.7749,-122.4194\" is no place: write longitude and \
         latitude, in this order, such as -122.4194,37.7749, or hand on what geocode returned."
    );
}
