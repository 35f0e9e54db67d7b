//! A scripted Google: tokens, a calendar and a spreadsheet.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::InboundHook;
use crate::jwt::ServiceKey;
use crate::receiver::{Receiver, Reply, Request};
use crate::workflow::text;

/// Answers as Google does, on loopback.
pub struct Google {
    /// What reaches it.
    pub outside: Receiver,
    /// The key of the service account.
    pub key: ServiceKey,
}

impl Google {
    /// Where events of the primary calendar are created.
    pub const EVENTS: &str = "/calendar/v3/calendars/primary/events";

    /// What the channels of an app are opened with.
    pub const CHANNEL_TOKEN: &str = "token-of-the-channels-of-an-app";

    /// What access is asked for.
    pub const SCOPE: &str =
        "https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/spreadsheets";

    /// A server that gives tokens and creates events, of an account with one calendar.
    pub async fn start() -> Result<Self> {
        let google = Self {
            outside: Receiver::start().await?,
            key: ServiceKey::generate()?,
        };
        let token = json!({
            "access_token": "ya29.of-the-tests", "refresh_token": "1//refreshes", "token_type": "Bearer", "expires_in": 3599,
            "scope": "https://www.googleapis.com/auth/calendar",
        });
        let calendars = json!({"items": [{"id": "ada@example.com", "primary": true}]});
        let answer = |path: &str, body: &Value| {
            google.outside.answer(path, [Reply::json(200, body)]);
        };
        answer("/token", &token);
        answer("/calendar/v3/users/me/calendarList", &calendars);
        google.events([Self::created()]);
        Ok(google)
    }

    /// Answers in this way when an event is created, the last one from then on.
    pub fn events(&self, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer(Self::EVENTS, replies);
    }

    /// An event that was created.
    #[must_use]
    pub fn created() -> Reply {
        Reply::json(
            200,
            &json!({"id": "made", "status": "confirmed", "summary": "Spring clean"}),
        )
    }

    /// What Google says when something is wrong.
    #[must_use]
    pub fn error(status: u16, reason: &str, message: &str) -> Reply {
        let reasons = json!([{"domain": "global", "reason": reason, "message": message}]);
        let error = json!({"code": status, "message": message, "errors": reasons});
        Reply::json(status, &json!({"error": error}))
    }

    /// The requests that create an event.
    #[must_use]
    pub fn creations(&self) -> Vec<Request> {
        self.outside.requests_to(Self::EVENTS)
    }

    /// The settings that lead an app to it. The page where a person grants access stays Google's.
    #[must_use]
    pub fn settings(&self) -> Value {
        let here = self.outside.url("");
        let here = here.trim_end_matches('/');
        json!({"origins": {
            "https://www.googleapis.com": here, "https://sheets.googleapis.com": here, "https://oauth2.googleapis.com": here,
        }})
    }

    /// The input that connects a service account to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "google", "name": "Calendars", "settings": self.settings(),
            "credentials": {
                "scheme": "service_account", "clientEmail": "jackfield@project.iam.gserviceaccount.com", "privateKey": self.key.pem,
                "privateKeyId": "key-7", "subject": "ada@example.com", "scope": Self::SCOPE, "webhookSecret": Self::CHANNEL_TOKEN,
            },
        })
    }

    /// Connects a service account to it and returns the app's id.
    pub async fn connect(&self, client: &Client) -> Result<Value> {
        client.connect_app(self.input()).await
    }

    /// The address to which the channels of an app send.
    pub async fn hook_of(&self, client: &Client, app: &Value) -> Result<InboundHook> {
        let document = "query($id: ID!) { connectedApp(id: $id) { inboundHook { id url } } }";
        let shown = client.data_with(document, json!({"id": app})).await?;
        let hook = &shown["connectedApp"]["inboundHook"];
        Ok(InboundHook {
            id: text(&hook["id"])?,
            url: text(&hook["url"])?,
            node_key: String::new(),
        })
    }
}
