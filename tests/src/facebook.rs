//! A scripted Graph API of Meta, and how it signs what it tells.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply};
use crate::workflow::text;

/// Answers as Meta does, on loopback.
pub struct Facebook {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to Meta.
pub struct FacebookApp {
    /// Its id.
    pub id: Value,
    /// The address at which Meta's webhooks arrive.
    pub hook: InboundHook,
}

impl Facebook {
    /// Where it is told whose token it is.
    pub const ME: &str = "/v25.0/me";
    /// Where messages of Messenger are sent.
    pub const MESSENGER: &str = "/v25.0/me/messages";
    /// Where posts are made.
    pub const FEED: &str = "/v25.0/me/feed";
    /// Where messages of WhatsApp are sent.
    pub const WHATSAPP: &str = "/v25.0/106540352242922/messages";

    /// Where a login's code and the tokens after it are exchanged.
    pub const TOKENS: &str = "/v25.0/oauth/access_token";
    /// The Page, of which its token is asked.
    pub const PAGE: &str = "/v25.0/104711";

    const SECRET: &str = "secret of the app at Meta";

    /// A server that takes every token, message and post.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let me = json!({"id": "104711", "name": "Acme Cleaning"});
        outside.answer(Self::ME, [Reply::json(200, &me)]);
        outside.answer(Self::MESSENGER, [Self::sent()]);
        let post = json!({"id": "104711_1"});
        outside.answer(Self::FEED, [Reply::json(200, &post)]);
        let taken = json!({
            "messaging_product": "whatsapp", "contacts": [{"input": "+16505551234", "wa_id": "16505551234"}],
            "messages": [{"id": "wamid.2", "message_status": "accepted"}],
        });
        outside.answer(Self::WHATSAPP, [Reply::json(200, &taken)]);
        // Meta looks for the client in the form alone.
        let token = |token: &str, seconds: u32| {
            let token =
                json!({"access_token": token, "token_type": "bearer", "expires_in": seconds});
            Reply::json(200, &token)
        };
        let nobody = Self::error(400, 101, "Missing client_id parameter.");
        let tokens = [
            nobody,
            token("EAA-for-an-hour", 3600),
            token("EAA-for-60-days", 5_184_000),
        ];
        outside.answer(Self::TOKENS, tokens);
        let page = json!({"access_token": "EAA-token-of-the-page", "id": "104711"});
        outside.answer(Self::PAGE, [Reply::json(200, &page)]);
        Ok(Self { outside })
    }

    /// What it answers to a message of Messenger.
    #[must_use]
    pub fn sent() -> Reply {
        Reply::json(
            200,
            &json!({"recipient_id": "2468013579", "message_id": "m_2"}),
        )
    }

    /// What it answers when something is wrong.
    #[must_use]
    pub fn error(status: u16, code: u32, message: &str) -> Reply {
        let error = json!({"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "BLBz/WZt8dN"});
        Reply::json(status, &json!({"error": error}))
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "facebook", "name": "Page",
            "credentials": {"scheme": "page_token", "pageToken": "EAA-token-of-the-page", "webhookSecret": Self::SECRET},
            "settings": {"origins": {"https://graph.facebook.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// What shows that who sends a token knows the app's secret.
    #[must_use]
    pub fn proof(token: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, Self::SECRET.as_bytes());
        hex::encode(hmac::sign(&key, token.as_bytes()))
    }

    /// Connects an app that somebody has to let into the Page, and has them do so in the browser. Returns the app, what the person
    /// was asked and the page that they end at.
    pub async fn log_in(
        &self,
        client: &Client,
    ) -> Result<(Value, BTreeMap<String, String>, reqwest::Response)> {
        let mut input = self.input();
        input["credentials"] = json!({
            "scheme": "oauth2", "clientId": "1158201444", "webhookSecret": Self::SECRET, "pageId": "104711",
        });
        let fields = "connectedApp { id }";
        let connected = client.succeed("connectApp", input, fields).await?;
        let app = connected["connectedApp"]["id"].clone();
        let started = client
            .succeed(
                "startOAuth",
                json!({"connectedAppId": app}),
                "authorizationUrl",
            )
            .await?;
        let url = started["authorizationUrl"].as_str().context("a URL")?;
        let url = reqwest::Url::parse(url)?;
        ensure!(url.host_str() == Some("www.facebook.com"), "{url}");
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let mut back = reqwest::Url::parse(&asked["redirect_uri"])?;
        back.query_pairs_mut()
            .append_pair("code", "AQ-code-of-a-person")
            .append_pair("state", &asked["state"]);
        Ok((app, asked, reqwest::get(back).await?))
    }

    /// Connects an app to it.
    pub async fn connect(&self, client: &Client) -> Result<FacebookApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        Ok(FacebookApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }
}

impl FacebookApp {
    /// Tells something as Meta signs it: with the app's secret.
    pub async fn tell(&self, body: &Value) -> Result<HookAnswer> {
        self.tell_with(body, Facebook::SECRET).await
    }

    /// Tells something, signed with this secret.
    pub async fn tell_with(&self, body: &Value, secret: &str) -> Result<HookAnswer> {
        let body = body.to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = hex::encode(hmac::sign(&key, body.as_bytes()));
        let signature = format!("sha256={signature}");
        let headers = [
            ("content-type", "application/json"),
            ("x-hub-signature-256", signature.as_str()),
        ];
        self.hook.post(&headers, body).await
    }

    /// Asks whether somebody is there, as Meta does when the address is entered.
    pub async fn subscribe(&self, verify_token: &str) -> Result<reqwest::Response> {
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.challenge", "1158201444"),
            ("hub.verify_token", verify_token),
        ];
        let mut url = reqwest::Url::parse(&self.hook.url)?;
        url.query_pairs_mut().extend_pairs(query);
        Ok(reqwest::get(url).await?)
    }
}
