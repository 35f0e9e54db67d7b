//! A scripted Google, as far as it tells reviews.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply};

/// Answers as Google does, on loopback.
pub struct GoogleReviews {
    /// What reaches it.
    pub outside: Receiver,
}

impl GoogleReviews {
    /// The place with which keys are tested.
    pub const TEST: &str = "/v1/places/ChIJj61dQgK6j4AR4GeTYWZsuWw";
    /// A place that is rated.
    pub const PLACE: &str = "/v1/places/ChIJAcme";
    /// The reviews of a location.
    pub const LOCATION: &str = "/v4/accounts/4711/locations/815/reviews";

    /// A server that takes every key, and knows one place and one location.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let own = json!({"id": "ChIJj61dQgK6j4AR4GeTYWZsuWw"});
        outside.answer(Self::TEST, [Reply::json(200, &own)]);
        outside.answer(Self::PLACE, [Self::place()]);
        let review = json!({
            "reviewId": "r1", "starRating": "TWO", "comment": "Came late.", "reviewer": {"displayName": "Ada"},
            "createTime": "2026-11-01T10:00:00Z", "updateTime": "2026-11-01T10:00:00Z",
        });
        let reviews = json!({"reviews": [review], "averageRating": 4.5, "totalReviewCount": 1});
        outside.answer(Self::LOCATION, [Reply::json(200, &reviews)]);
        Ok(Self { outside })
    }

    /// The place.
    #[must_use]
    pub fn place() -> Reply {
        Reply::json(
            200,
            &json!({
                "id": "ChIJAcme", "displayName": {"text": "Acme Cleaning", "languageCode": "en"}, "rating": 4.6, "userRatingCount": 128,
                "googleMapsUri": "https://maps.google.com/?cid=4711",
            }),
        )
    }

    /// What it answers when something is wrong.
    #[must_use]
    pub fn error(code: u16, status: &str, reason: &str, message: &str) -> Reply {
        let kind = "type.googleapis.com/google.rpc.ErrorInfo";
        let details = json!([{"@type": kind, "reason": reason, "domain": "googleapis.com"}]);
        let mut error = json!({"code": code, "message": message, "status": status});
        if !reason.is_empty() {
            error["details"] = details;
        }
        Reply::json(code, &json!({"error": error}))
    }

    /// The input that connects an app to it with a key.
    #[must_use]
    pub fn input(&self) -> Value {
        let here = self.outside.url("");
        let here = here.trim_end_matches('/');
        json!({
            "provider": "google-reviews", "name": "Reviews",
            "credentials": {"scheme": "api_key", "apiKey": "AIzaSyA-key-of-the-tests"},
            "settings": {"origins": {
                "https://places.googleapis.com": here, "https://mybusiness.googleapis.com": here,
                "https://mybusinessaccountmanagement.googleapis.com": here, "https://oauth2.googleapis.com": here,
            }},
        })
    }

    /// Connects an app to it with a key, and returns the app's id.
    pub async fn connect(&self, client: &Client) -> Result<Value> {
        client.connect_app(self.input()).await
    }
}
