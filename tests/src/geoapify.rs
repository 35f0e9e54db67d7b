//! A scripted Geoapify.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply};

/// Answers as Geoapify does, on loopback.
pub struct Geoapify {
    /// What reaches it.
    pub outside: Receiver,
}

impl Geoapify {
    /// Where addresses are looked for.
    pub const GEOCODE: &str = "/v1/geocode/search";

    /// Where the addresses of coordinates are asked for.
    pub const REVERSE: &str = "/v1/geocode/reverse";

    /// A server that takes every key and knows one address.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        outside.answer(Self::GEOCODE, [Self::found()]);
        outside.answer(Self::REVERSE, [Self::found()]);
        Ok(Self { outside })
    }

    /// What it answers about the address.
    #[must_use]
    pub fn found() -> Reply {
        let place = json!({
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [-122.2711, 37.8044]},
            "properties": {
                "formatted": "1 Frank H. Ogawa Plaza, Oakland, CA 94612, United States of America", "lat": 37.8044, "lon": -122.2711,
                "rank": {"confidence": 1, "match_type": "full_match"},
            },
        });
        Reply::json(
            200,
            &json!({"type": "FeatureCollection", "features": [place]}),
        )
    }

    /// What it answers when something is wrong.
    #[must_use]
    pub fn refused(status: u16, error: &str, message: &str) -> Reply {
        let body = json!({"statusCode": status, "error": error, "message": message});
        Reply::json(status, &body)
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "geoapify", "name": "Maps", "credentials": {"apiKey": "key-of-the-tests"},
            "settings": {"origins": {"https://api.geoapify.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it and returns its id.
    pub async fn connect(&self, client: &Client) -> Result<Value> {
        client.connect_app(self.input()).await
    }
}
