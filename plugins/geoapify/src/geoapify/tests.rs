use jackfield_plugin_sdk::testing::{self, Ran, Reply};

use super::*;
use crate::tests::as_the_sdk;

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin())
        .node("geoapify", config)
        .connected_app("geoapify", &json!({}));
    let stage = replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply));
    stage.run()
}

fn places() -> Value {
    let properties = json!({"formatted": "Straße des 17. Juni 135, 10623 Berlin, Germany", "lat": 52.5126, "lon": 13.3255});
    let place = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [13.3255, 52.5126]}, "properties": properties});
    json!({"type": "FeatureCollection", "features": [place], "query": {"text": "…"}})
}

#[test]
fn addresses_are_asked_for_as_the_library_does() {
    let asks = |name: &str, config: Value| {
        let ran = run(config, [Reply::json(200, &places())]);
        assert_eq!(ran.output(), places());
        as_the_sdk(name, &ran.requests[0]);
    };
    let config = json!({"operation": "geocode", "address": "2 Lincoln Memorial Circle SW"});
    asks("geocode_with_little", config);
    let config = json!({
        "operation": "geocode", "address": "Straße des 17. Juni 135, Berlin", "type": "street", "limit": 3, "language": "de",
        "countries": ["DE", "at"], "boundingBox": [13.0884, 52.3382, 13.7611, 52.6755], "proximity": [13.3255, 52.5126],
    });
    asks("geocode", config);
}

/// <https://apidocs.geoapify.com/docs/geocoding/reverse-geocoding/>
#[test]
fn coordinates_are_asked_for_as_the_documentation_says() {
    let config = json!({
        "operation": "reverse_geocode", "coordinates": places(), "type": "city", "limit": 2, "language": "de",
    });
    let ran = run(config, [Reply::json(200, &places())]);
    assert_eq!(ran.output(), places());
    assert_eq!(
        ran.requests[0].whole_url(),
        "https://api.geoapify.com/v1/geocode/reverse?type=city&limit=2&lang=de&lat=52.5126&lon=13.3255"
    );
}

#[test]
fn what_geoapify_refuses_is_told_with_its_words() {
    let geocode = || json!({"operation": "geocode", "address": "Berlin"});
    let said = |status: u16, error: &str, message: &str| {
        let body = json!({"statusCode": status, "error": error, "message": message});
        Reply::json(status, &body)
    };
    let failed = |reply: Reply| run(geocode(), [reply]).error().clone();
    let error = failed(said(400, "Bad Request", "\"lang\" is not allowed"));
    assert_eq!(
        error.to_string(),
        "HTTP_400: api.geoapify.com answered 400: \"lang\" is not allowed."
    );
    assert!(!error.retryable);
    let limited = || said(429, "Too Many Requests", "Rate limit exceeded");
    let error = failed(limited());
    assert_eq!((error.retryable, error.retry_after_ms), (true, Some(1_000)));
    let told = failed(limited().header("Retry-After", "3"));
    assert_eq!(told.retry_after_ms, Some(3_000));
    assert!(failed(Reply::new(503)).retryable);
}

#[test]
fn what_is_no_place_says_how_to_write_one() {
    let config = json!({"operation": "reverse_geocode", "coordinates": "37.7749,-122.4194"});
    assert_eq!(
        run(config, []).error().to_string(),
        "INVALID_CONFIG: coordinates in the config of geoapify is not valid: \"37.7749,-122.4194\" is no place: write longitude and \
         latitude, in this order, such as -122.4194,37.7749, or hand on what geocode returned."
    );
}
