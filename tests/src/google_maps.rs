//! A scripted Google Maps: geocoding and routes.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply};

/// Answers as Google Maps does, on loopback.
pub struct GoogleMaps {
    /// What reaches it.
    pub outside: Receiver,
}

impl GoogleMaps {
    /// Where addresses are looked for.
    pub const GEOCODE: &str = "/maps/api/geocode/json";

    /// Where ways are asked for.
    pub const ROUTES: &str = "/directions/v2:computeRoutes";

    /// A server that takes every key, and knows one address and the way to it.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        outside.answer(Self::GEOCODE, [Self::found()]);
        outside.answer(Self::ROUTES, [Self::way()]);
        Ok(Self { outside })
    }

    /// What it answers about the address.
    #[must_use]
    pub fn found() -> Reply {
        let place = json!({
            "formatted_address": "1 Frank H. Ogawa Plaza, Oakland, CA 94612, USA", "place_id": "ChIJA2p5p_9_j4ARr3zDIkPpQUk",
            "geometry": {"location": {"lat": 37.8044, "lng": -122.2711}, "location_type": "ROOFTOP"}, "types": ["premise"],
        });
        Reply::json(200, &json!({"results": [place], "status": "OK"}))
    }

    /// A way of an hour.
    #[must_use]
    pub fn way() -> Reply {
        let way = json!({"distanceMeters": 50_000, "duration": "3600s", "staticDuration": "3000s"});
        Reply::json(200, &json!({"routes": [way]}))
    }

    /// What geocoding says when something is wrong, with status 200.
    #[must_use]
    pub fn denied(status: &str, message: &str) -> Reply {
        let answer = json!({"results": [], "status": status, "error_message": message});
        Reply::json(200, &answer)
    }

    /// What routes say when something is wrong.
    #[must_use]
    pub fn error(code: u16, status: &str, message: &str) -> Reply {
        let error = json!({"code": code, "message": message, "status": status});
        Reply::json(code, &json!({"error": error}))
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        let here = self.outside.url("");
        let here = here.trim_end_matches('/');
        json!({
            "provider": "google-maps", "name": "Maps", "credentials": {"apiKey": "AIza-key-of-the-tests"},
            "settings": {"origins": {"https://maps.googleapis.com": here, "https://routes.googleapis.com": here}},
        })
    }

    /// Connects an app to it and returns its id.
    pub async fn connect(&self, client: &Client) -> Result<Value> {
        client.connect_app(self.input()).await
    }
}
