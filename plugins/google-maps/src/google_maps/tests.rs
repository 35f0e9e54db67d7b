use jackfield_plugin_sdk::testing::{self, Ran, Reply};

use super::*;
use crate::tests::as_the_sdk;

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin())
        .node("google-maps", config)
        .connected_app("google-maps", &json!({}));
    let stage = replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply));
    stage.run()
}

fn found() -> Value {
    let location = json!({"lat": 52.5126, "lng": 13.3255});
    let place = json!({"formatted_address": "Str. des 17. Juni 135, 10623 Berlin, Germany", "geometry": {"location": location}, "place_id": "ChIJ"});
    json!({"results": [place], "status": "OK"})
}

fn way() -> Value {
    json!({"routes": [{"distanceMeters": 19243, "duration": "1260.5s", "legs": [{"duration": "1260.5s"}]}]})
}

#[track_caller]
fn asks(name: &str, config: Value, answer: &Value) -> Ran {
    let ran = run(config, [Reply::json(200, answer)]);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0]);
    ran
}

#[test]
fn addresses_are_asked_for_as_the_sdk_does() {
    let config = json!({"operation": "geocode", "address": "2 Lincoln Memorial Circle SW"});
    let ran = asks("geocode_with_little", config, &found());
    assert_eq!(ran.output(), found());
    let config = json!({
        "operation": "geocode", "address": "Straße des 17. Juni 135, Berlin", "country": "DE", "postalCode": "10623", "region": "de",
        "boundingBox": [13.0884, 52.3382, 13.7611, 52.6755], "language": "de",
    });
    asks("geocode", config, &found());
    let config = json!({"operation": "reverse_geocode", "coordinates": "37.7749,-122.4194"});
    asks("reverse_geocode_with_little", config.clone(), &found());
    let mut config = config;
    for (name, value) in [
        ("types", json!(["street_address", "route"])),
        ("accuracy", json!(["rooftop"])),
        ("language", json!("en")),
    ] {
        config[name] = value;
    }
    asks("reverse_geocode", config, &found());
}

#[test]
fn ways_are_asked_for_as_the_sdk_does() {
    let config = json!({"operation": "directions", "origin": "37.7749,-122.4194", "destination": "1 Frank H. Ogawa Plaza, Oakland"});
    let ran = asks("directions_with_little", config, &way());
    assert!(ran.requests[0].repeatable);
    assert_eq!(
        ran.output(),
        json!({"routes": [{
            "distanceMeters": 19243, "duration": "1260.5s", "durationSeconds": 1260.5,
            "legs": [{"duration": "1260.5s", "distanceMeters": 0, "durationSeconds": 1260.5}],
        }]})
    );
    let config = json!({
        "operation": "directions", "origin": {"lat": 37.7749, "lng": -122.4194}, "destination": {"placeId": "ChIJA2p5p_9_j4ARr3zDIkPpQUk"},
        "stops": ["Treasure Island, San Francisco", "37.79,-122.3"], "traffic": "aware", "departure": "2026-12-01T08:00:00.000Z",
        "alternatives": true, "avoid": ["tolls", "highways", "ferries"], "language": "de", "region": "us", "optimize": true,
        "fields": ["routes.legs.steps.navigationInstruction"],
    });
    asks("directions", config.clone(), &way());
    let mut config = config;
    config["fields"] = json!([]);
    config["steps"] = true.into();
    asks("directions", config, &way());
    let config = json!({
        "operation": "directions", "origin": "37.7749,-122.4194", "destination": "37.8044,-122.2711", "mode": "transit",
        "arrival": "2026-12-01T09:00:00.000Z",
    });
    asks("directions_by_transit", config, &way());
}

#[test]
fn a_way_leads_to_what_was_geocoded() {
    let config = json!({"operation": "directions", "origin": "52.5,13.4", "destination": found()});
    let ran = run(config, [Reply::json(200, &way())]);
    assert_eq!(
        ran.requests[0].json()["destination"],
        json!({"location": {"latLng": {"latitude": 52.5126, "longitude": 13.3255}}})
    );
    let many = vec!["52.5,13.4"; 26];
    let config = json!({"operation": "directions", "origin": "52.5,13.4", "destination": "52.5,13.4", "stops": many});
    assert_eq!(
        run(config, []).error().to_string(),
        "INVALID_CONFIG: stops has 26 places; Google takes at most 25."
    );
}

#[test]
fn nothing_found_is_an_answer_for_addresses_and_none_for_ways() {
    let nothing = json!({"results": [], "status": "ZERO_RESULTS"});
    let config = json!({"operation": "geocode", "address": "Nowhere"});
    assert_eq!(run(config, [Reply::json(200, &nothing)]).output(), nothing);
    let config = json!({"operation": "directions", "origin": "52.5,13.4", "destination": "Hawaii"});
    let ran = run(config, [Reply::json(200, &json!({}))]);
    assert_eq!(ran.error().code, "NO_ROUTE");
    assert!(!ran.error().retryable);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of refusals")]
fn what_google_refuses_is_told_with_its_words() {
    let geocode = || json!({"operation": "geocode", "address": "Berlin"});
    let way =
        || json!({"operation": "directions", "origin": "52.5,13.4", "destination": "52.5,13.5"});
    let status = |status: &str, message: &str| {
        let mut answer = json!({"results": [], "status": status});
        if !message.is_empty() {
            answer["error_message"] = message.into();
        }
        Reply::json(200, &answer)
    };
    let error = |code: u16, status: &str, reason: &str, message: &str| {
        let details =
            json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]);
        let mut error = json!({"code": code, "message": message, "status": status});
        if !reason.is_empty() {
            error["details"] = details;
        }
        Reply::json(code, &json!({"error": error}))
    };
    for (config, reply, is_retryable, told) in [
        (
            geocode(),
            status("REQUEST_DENIED", "The provided API key is invalid. "),
            false,
            "CREDENTIAL: maps.googleapis.com answered 200: The provided API key is invalid.",
        ),
        (
            geocode(),
            status("INVALID_REQUEST", ""),
            false,
            "INVALID_REQUEST: maps.googleapis.com answered 200: INVALID_REQUEST.",
        ),
        (
            geocode(),
            status(
                "OVER_QUERY_LIMIT",
                "You have exceeded your rate-limit for this API.",
            ),
            true,
            "OVER_QUERY_LIMIT: maps.googleapis.com answered 200: You have exceeded your rate-limit for this API.",
        ),
        (
            geocode(),
            status("UNKNOWN_ERROR", ""),
            true,
            "UNKNOWN_ERROR: maps.googleapis.com answered 200: UNKNOWN_ERROR.",
        ),
        (
            way(),
            error(
                400,
                "INVALID_ARGUMENT",
                "API_KEY_INVALID",
                "API key not valid. Please pass a valid API key.",
            ),
            false,
            "CREDENTIAL: routes.googleapis.com answered 400: API key not valid. Please pass a valid API key.",
        ),
        (
            way(),
            error(
                400,
                "INVALID_ARGUMENT",
                "",
                "Timestamp must be set to a future time.",
            ),
            false,
            "INVALID_ARGUMENT: routes.googleapis.com answered 400: Timestamp must be set to a future time.",
        ),
        (
            way(),
            error(
                429,
                "RESOURCE_EXHAUSTED",
                "RATE_LIMIT_EXCEEDED",
                "Quota exceeded.",
            ),
            true,
            "RATE_LIMIT_EXCEEDED: routes.googleapis.com answered 429: Quota exceeded.",
        ),
    ] {
        let ran = run(config, [reply]);
        assert_eq!(ran.error().to_string(), told);
        assert_eq!(ran.error().retryable, is_retryable, "{told}");
    }
    let limited =
        error(429, "RESOURCE_EXHAUSTED", "", "Quota exceeded.").header("Retry-After", "7");
    assert_eq!(run(way(), [limited]).error().retry_after_ms, Some(7_000));
    assert!(run(geocode(), [Reply::new(503)]).error().retryable);
}

#[test]
fn what_is_no_place_says_how_to_write_one() {
    let refused = |config: Value| run(config, []).error().to_string();
    assert_eq!(
        refused(json!({"operation": "reverse_geocode", "coordinates": [37.7749, -122.4194]})),
        "INVALID_CONFIG: coordinates in the config of google-maps is not valid: [37.7749,-122.4194] is no place: write latitude and \
         longitude, in this order, such as 37.7749,-122.4194, or hand on what geocode returned."
    );
    let destination =
        refused(json!({"operation": "directions", "origin": "", "destination": "Berlin"}));
    assert!(
        destination.contains("origin in the config of google-maps is not valid: say which place"),
        "{destination}"
    );
    let bounds =
        refused(json!({"operation": "geocode", "address": "Berlin", "boundingBox": [13.0, 52.0]}));
    assert!(
        bounds.contains("boundingBox in the config of google-maps is not valid"),
        "{bounds}"
    );
}
