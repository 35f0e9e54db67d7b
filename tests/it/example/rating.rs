//! A page shows what customers think.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, GoogleReviews, InboundHook, Jackfield, Reply, on_both_engines};
use serde_json::json;

on_both_engines![
    a_page_is_answered_with_rating_and_reviews,
    a_rating_is_shown_without_reviews,
    a_page_is_told_when_there_is_no_rating,
];

async fn world(
    engine: Engine,
    replies: [Reply; 2],
) -> Result<(Jackfield, GoogleReviews, InboundHook)> {
    let google = GoogleReviews::start().await?;
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    google.connect(&owner).await?;
    google.outside.answer(GoogleReviews::PLACE, replies);
    owner.set_variable("reviewedPlace", "ChIJAcme").await?;
    let workflow = jackfield.apply_example("google-rating.yaml").await?;
    let hook = workflow.hooks[0].clone();
    Ok((jackfield, google, hook))
}

fn reviews() -> Reply {
    let review = json!({
        "name": "places/ChIJAcme/reviews/1", "rating": 5, "text": {"text": "Spotless."}, "publishTime": "2026-11-01T10:00:00Z",
        "authorAttribution": {"displayName": "Ada"},
    });
    Reply::json(200, &json!({"reviews": [review]}))
}

fn denied() -> Reply {
    GoogleReviews::error(
        403,
        "PERMISSION_DENIED",
        "",
        "Places API has not been used.",
    )
}

async fn a_page_is_answered_with_rating_and_reviews(engine: Engine) -> Result<()> {
    let (jackfield, google, hook) = world(engine, [GoogleReviews::place(), reviews()]).await?;
    let answer = hook.post_json(&json!({})).await?;
    assert_eq!(
        (answer.status, &*answer.headers["cache-control"]),
        (200, "public, max-age=3600")
    );
    let asked = google.outside.requests_to(GoogleReviews::PLACE);
    let fields: Vec<_> = asked
        .iter()
        .map(|request| request.header("x-goog-fieldmask"))
        .collect();
    allow_duplicates! {
        assert_json_snapshot!(json!([answer.json(), fields]), @r#"
        [
          {
            "rating": 4.6,
            "count": 128,
            "url": "https://maps.google.com/?cid=4711",
            "reviews": [
              {
                "rating": 5,
                "text": "Spotless.",
                "author": "Ada",
                "time": "2026-11-01T10:00:00Z"
              }
            ]
          },
          [
            "id,displayName,rating,userRatingCount,googleMapsUri",
            "reviews"
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_rating_is_shown_without_reviews(engine: Engine) -> Result<()> {
    let (jackfield, _google, hook) = world(engine, [GoogleReviews::place(), denied()]).await?;
    let answer = hook.post_json(&json!({})).await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["count"], 128);
    assert_eq!(answer.json()["reviews"], json!([]));
    jackfield.finish().await
}

async fn a_page_is_told_when_there_is_no_rating(engine: Engine) -> Result<()> {
    let (jackfield, _google, hook) = world(engine, [denied(), reviews()]).await?;
    let answer = hook.post_json(&json!({})).await?;
    assert_eq!(
        (answer.status, &*answer.headers["retry-after"]),
        (503, "60")
    );
    assert_eq!(
        answer.json(),
        json!({"error": "The rating cannot be read now."})
    );
    jackfield.finish().await
}
