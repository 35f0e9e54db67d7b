//! A scripted Mapbox.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply};

/// Answers as Mapbox does, on loopback.
pub struct Mapbox {
    /// What reaches it.
    pub outside: Receiver,
}

impl Mapbox {
    /// Where addresses are looked for.
    pub const GEOCODE: &str = "/search/geocode/v6/forward";

    /// A server that takes every token and knows one address.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let token = json!({"code": "TokenValid", "token": {"usage": "pk", "user": "acme"}});
        outside.answer("/tokens/v2", [Reply::json(200, &token)]);
        outside.answer(Self::GEOCODE, [Self::found()]);
        Ok(Self { outside })
    }

    /// What it answers about the address.
    #[must_use]
    pub fn found() -> Reply {
        let place = json!({
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [-122.2711, 37.8044]},
            "properties": {"full_address": "1 Frank H. Ogawa Plaza, Oakland, California 94612, United States"},
        });
        Reply::json(
            200,
            &json!({"type": "FeatureCollection", "features": [place]}),
        )
    }

    /// A way of an hour.
    #[must_use]
    pub fn way() -> Reply {
        let way = json!({"distance": 50_000.5, "duration": 3600.0});
        Reply::json(
            200,
            &json!({"code": "Ok", "routes": [way], "waypoints": []}),
        )
    }

    /// What it answers when it has found nothing.
    #[must_use]
    pub fn refused(status: u16, code: &str, message: &str) -> Reply {
        Reply::json(status, &json!({"code": code, "message": message}))
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "mapbox", "name": "Maps", "credentials": {"accessToken": "pk.token-of-the-tests"},
            "settings": {"origins": {"https://api.mapbox.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it and returns its id.
    pub async fn connect(&self, client: &Client) -> Result<Value> {
        client.connect_app(self.input()).await
    }
}
