use jackfield_plugin_sdk::testing::{self, Ran, Reply};

use super::*;
use crate::tests::as_the_sdk;

const PLACE: &str = "ChIJj61dQgK6j4AR4GeTYWZsuWw";

fn run(operation: &str, config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let mut whole = json!({"operation": operation});
    for (name, value) in config.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    let stage = testing::plugin(crate::plugin())
        .node("google-reviews", whole)
        .connected_app("google-reviews", &json!({}));
    let stage = replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply));
    stage.run()
}

fn reviews(from: u32, count: u32, next: Value) -> Reply {
    let review = |number: u32| json!({"reviewId": format!("r{number}"), "starRating": "FIVE", "reviewer": {}});
    let reviews: Vec<Value> = (from..from + count).map(review).collect();
    Reply::json(
        200,
        &json!({"reviews": reviews, "averageRating": 4.5, "totalReviewCount": 60, "nextPageToken": next}),
    )
}

fn owned() -> Value {
    json!({"account": "accounts/4711", "location": "locations/815"})
}

#[test]
fn a_place_is_asked_about_as_the_sdk_does() {
    let nobody = Reply::json(200, &json!({"id": PLACE, "displayName": {"text": "Acme"}}));
    let ran = run(
        "get_rating",
        json!({"place": PLACE, "language": "de"}),
        [nobody],
    );
    as_the_sdk("get_rating", "places", &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"rating": null, "count": 0, "name": "Acme"})
    );
    let review = json!({
        "name": format!("places/{PLACE}/reviews/1"), "rating": 4, "text": {"text": "Tidy.", "languageCode": "en"},
        "authorAttribution": {"displayName": "Ada", "uri": "https://www.google.com/maps/contrib/1"}, "publishTime": "2026-11-01T10:00:00Z",
    });
    let answer = Reply::json(200, &json!({"reviews": [review, {}]}));
    let config = json!({"place": format!("places/{PLACE}"), "limit": 1});
    let ran = run("list_reviews", config, [answer]);
    as_the_sdk("list_reviews", "places", &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"items": [{
            "id": format!("places/{PLACE}/reviews/1"), "rating": 4, "text": "Tidy.", "author": "Ada", "time": "2026-11-01T10:00:00Z",
            "data": review,
        }]})
    );
}

/// As Google's documentation has it.
#[test]
fn an_owner_sees_all_reviews() {
    let ran = run("get_rating", owned(), [reviews(0, 1, json!("t1"))]);
    let base = "https://mybusiness.googleapis.com/v4/accounts/4711/locations/815/reviews";
    let query = |ran: &Ran, index: usize| json!(ran.requests[index].query);
    assert_eq!(ran.requests[0].url, base);
    assert_eq!(query(&ran, 0), json!([["pageSize", "1"]]));
    assert_eq!(ran.output(), json!({"rating": 4.5, "count": 60}));
    let nobody = Reply::json(200, &json!({}));
    let ran = run("get_rating", owned(), [nobody]);
    assert_eq!(ran.output(), json!({"rating": null, "count": 0}));

    let mut config = owned();
    config["limit"] = 55.into();
    let pages = [reviews(0, 50, json!("t1")), reviews(50, 10, Value::Null)];
    let ran = run("list_reviews", config.clone(), pages);
    let first = json!([["orderBy", "updateTime desc"], ["pageSize", "50"]]);
    assert_eq!(query(&ran, 0), first);
    let token = json!(["pageToken", "t1"]);
    assert!(query(&ran, 1).as_array().unwrap().contains(&token));
    assert_eq!(ran.output()["items"].as_array().unwrap().len(), 55);
    assert_eq!(ran.output()["items"][54]["id"], "r54");
    config["cursor"] = ran.output()["cursor"].clone();
    let ran = run("list_reviews", config, [reviews(50, 10, Value::Null)]);
    assert_eq!(ran.output()["items"][0]["id"], "r55");
    assert_eq!(ran.output()["items"][0]["rating"], 5);
    assert_eq!(ran.output().get("cursor"), None);
}

#[test]
fn what_is_asked_about_has_to_be_said() {
    for (config, told) in [
        (
            json!({}),
            "place is missing: choose a place, or an account and a location of one's own.",
        ),
        (
            json!({"location": "815"}),
            "account is missing: say which account the location belongs to.",
        ),
        (
            json!({"place": PLACE, "account": "4711", "location": "815"}),
            "place and location exclude each other: a place is asked about with a key, a location with its owner's grant.",
        ),
        (
            json!({"place": "../places"}),
            "place is no id of Google's, such as ChIJj61dQgK6j4AR4GeTYWZsuWw.",
        ),
        (
            json!({"account": "4711", "location": "Front desk"}),
            "location is no id of Google's, which has digits only, such as 4711081500000.",
        ),
    ] {
        let ran = run("get_rating", config, []);
        assert_eq!(ran.error().to_string(), format!("INVALID_CONFIG: {told}"));
    }
}

#[test]
fn what_google_refuses_is_told_with_its_words() {
    let refused = |code: u16, status: &str, message: &str| {
        let error = json!({"code": code, "message": message, "status": status});
        Reply::json(code, &json!({"error": error}))
    };
    let denied = refused(
        403,
        "PERMISSION_DENIED",
        "The caller does not have permission",
    );
    let ran = run("list_reviews", owned(), [denied]);
    assert_eq!(
        ran.error().to_string(),
        "PERMISSION_DENIED: mybusiness.googleapis.com answered 403: The caller does not have permission."
    );
    assert!(!ran.error().retryable);
    let limited = refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded.").header("Retry-After", "7");
    let ran = run("get_rating", json!({"place": PLACE}), [limited]);
    assert_eq!(ran.error().code, "RESOURCE_EXHAUSTED");
    assert_eq!(ran.error().retry_after_ms, Some(7_000));
    let ran = run("get_rating", owned(), [Reply::new(503)]);
    assert!(ran.error().retryable);
}

fn options(source: &str, config: Value, query: &Value, answer: &Value) -> Ran {
    let mut asked = json!({"source": source});
    for (name, value) in query.as_object().into_iter().flatten() {
        asked[name] = value.clone();
    }
    let stage = testing::plugin(crate::plugin()).options("google-reviews", source, config);
    let stage = stage.connected_app("google-reviews", &json!({}));
    stage.input(&asked).reply(Reply::json(200, answer)).run()
}

#[test]
fn choices_are_asked_for_as_the_sdk_does() {
    let place = json!({"id": PLACE, "displayName": {"text": "Acme Cleaning"}, "formattedAddress": "1 Main St, Oakland"});
    let search = json!({"search": "Acme Cleaning"});
    let ran = options("places", json!({}), &search, &json!({"places": [place]}));
    as_the_sdk("places", "places", &ran.requests[0]);
    let found =
        json!([{"value": PLACE, "label": "Acme Cleaning", "description": "1 Main St, Oakland"}]);
    assert_eq!(ran.output(), json!({"options": found}));

    let account = json!({"name": "accounts/4711", "accountName": "Acme"});
    let answer = json!({"accounts": [account], "nextPageToken": "next"});
    let ran = options("accounts", json!({}), &json!({}), &answer);
    as_the_sdk("accounts", "mybusinessaccountmanagement", &ran.requests[0]);
    let found = json!([{"value": "4711", "label": "Acme"}]);
    assert_eq!(ran.output(), json!({"options": found, "cursor": "next"}));

    let location = json!({"name": "locations/815", "title": "Oakland"});
    let answer = json!({"locations": [location], "nextPageToken": ""});
    let config = json!({"account": "4711"});
    let ran = options("locations", config, &json!({"cursor": "next"}), &answer);
    as_the_sdk(
        "locations",
        "mybusinessbusinessinformation",
        &ran.requests[0],
    );
    let found = json!([{"value": "815", "label": "Oakland"}]);
    assert_eq!(ran.output(), json!({"options": found}));
}

#[test]
fn where_nothing_was_said_there_is_nothing_to_choose_from() {
    let load = |source: &str, config: Value| {
        let stage = testing::plugin(crate::plugin()).options("google-reviews", source, config);
        let stage = stage.connected_app("google-reviews", &json!({}));
        stage.run().output()
    };
    let nothing = json!({"options": []});
    assert_eq!(load("places", json!({})), nothing);
    let expression = json!({"account": "{{ vars.account }}"});
    assert_eq!(load("locations", expression), nothing);
}
