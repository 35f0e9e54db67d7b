//! A scripted QuickBooks with one company, and how it signs what it tells.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply, Request};
use crate::workflow::text;

/// What it signs with.
const VERIFIER_TOKEN: &str = "verifier-token-of-the-tests";

/// Answers as Intuit does, on loopback.
pub struct QuickBooks {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to QuickBooks.
pub struct QuickBooksApp {
    /// Its id.
    pub id: Value,
    /// The address to which Intuit sends.
    pub hook: InboundHook,
}

impl QuickBooks {
    /// The company that access is granted to.
    pub const REALM: &str = "9130347957983546";

    /// Where tokens are had.
    pub const TOKENS: &str = "/oauth2/v1/tokens/bearer";

    /// A server that gives tokens and creates what it is asked for.
    pub async fn start() -> Result<Self> {
        let quickbooks = Self {
            outside: Receiver::start().await?,
        };
        quickbooks.tokens([Self::token(1)]);
        let company = json!({"CompanyName": "Acme Cleaning", "Country": "US", "Id": "1"});
        let realm = Self::REALM;
        let answers = [
            (format!("companyinfo/{realm}"), "CompanyInfo", company),
            ("invoice".to_owned(), "Invoice", Self::invoice()),
            ("payment".to_owned(), "Payment", Self::payment()),
        ];
        for (path, entity, thing) in answers {
            quickbooks.answer(&path, [Self::made(entity, &thing)]);
        }
        Ok(quickbooks)
    }

    /// The tokens that are given, in this order, the last ones from then on.
    pub fn tokens(&self, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer(Self::TOKENS, replies);
    }

    /// Answers in this way at a path of the company.
    pub fn answer(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer(&Self::path(path), replies);
    }

    /// The requests at a path of the company.
    #[must_use]
    pub fn asked(&self, path: &str) -> Vec<Request> {
        self.outside.requests_to(&Self::path(path))
    }

    /// A path of the company.
    #[must_use]
    pub fn path(path: &str) -> String {
        format!("/v3/company/{}/{path}", Self::REALM)
    }

    /// The nth access and refresh token.
    #[must_use]
    pub fn token(number: u32) -> Reply {
        let token = json!({
            "token_type": "bearer", "access_token": format!("access-token-{number}"), "expires_in": 3600,
            "refresh_token": format!("refresh-token-{number}"), "x_refresh_token_expires_in": 8_726_400,
        });
        Reply::json(200, &token)
    }

    /// An invoice.
    #[must_use]
    pub fn invoice() -> Value {
        json!({
            "Id": "145", "DocNumber": "1042", "CustomerRef": {"value": "58", "name": "Ada Lovelace"}, "TotalAmt": 129.38,
            "Balance": 129.38, "SyncToken": "0", "domain": "QBO",
        })
    }

    /// A payment of it.
    #[must_use]
    pub fn payment() -> Value {
        json!({"Id": "231", "CustomerRef": {"value": "58", "name": "Ada Lovelace"}, "TotalAmt": 129.38, "UnappliedAmt": 0})
    }

    /// What it answers to what it has made or found.
    #[must_use]
    pub fn made(entity: &str, thing: &Value) -> Reply {
        let mut answer = json!({"time": "2026-11-28T01:31:25.179-08:00"});
        answer[entity] = thing.clone();
        Reply::json(200, &answer)
    }

    /// What it says when something is wrong.
    #[must_use]
    pub fn fault(status: u16, code: &str, message: &str, detail: &str) -> Reply {
        let error = json!({"Message": message, "Detail": detail, "code": code, "element": ""});
        let fault = json!({"Error": [error], "type": "ValidationFault"});
        Reply::json(
            status,
            &json!({"Fault": fault, "time": "2026-11-28T01:31:25.179-08:00"}),
        )
    }

    /// What its gateway says to a token that has ended.
    #[must_use]
    pub fn ended() -> Reply {
        let message = "message=AuthenticationFailed; errorCode=003200; statusCode=401";
        let error =
            json!({"message": message, "detail": "Token expired", "code": "3200", "element": null});
        let fault = json!({"error": [error], "type": "AUTHENTICATION"});
        Reply::json(401, &json!({"fault": fault, "time": 1_764_000_000_000_u64}))
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        let here = self.outside.url("");
        let here = here.trim_end_matches('/');
        json!({
            "provider": "quickbooks", "name": "Books",
            "credentials": {"scheme": "oauth2", "clientId": "AB-client", "clientSecret": "s3cret-of-the-client", "webhookSecret": VERIFIER_TOKEN},
            "settings": {"sandbox": true, "origins": {
                "https://sandbox-quickbooks.api.intuit.com": here, "https://oauth.platform.intuit.com": here,
                "https://developer.api.intuit.com": here,
            }},
        })
    }

    /// Connects an app to it, and grants it access as a person does in the browser. Returns what the person was asked, too.
    pub async fn connect(
        &self,
        client: &Client,
    ) -> Result<(QuickBooksApp, BTreeMap<String, String>)> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        let input = json!({"connectedAppId": app["id"]});
        let started = client
            .succeed("startOAuth", input, "authorizationUrl")
            .await?;
        let url = started["authorizationUrl"].as_str().context("a URL")?;
        let url = reqwest::Url::parse(url)?;
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let mut back = reqwest::Url::parse(&asked["redirect_uri"])?;
        back.query_pairs_mut()
            .append_pair("code", "AB-code-of-a-person")
            .append_pair("state", &asked["state"])
            .append_pair("realmId", Self::REALM);
        let page = reqwest::get(back).await?;
        anyhow::ensure!(page.status() == 200, "{}", page.text().await?);
        let hook = InboundHook {
            id: text(&app["inboundHook"]["id"])?,
            url: text(&app["inboundHook"]["url"])?,
            node_key: String::new(),
        };
        let id = app["id"].clone();
        Ok((QuickBooksApp { id, hook }, asked))
    }
}

impl QuickBooksApp {
    /// Posts what has happened as Intuit signs it.
    pub async fn post(&self, body: &Value) -> Result<HookAnswer> {
        let body = body.to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, VERIFIER_TOKEN.as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, body.as_bytes()));
        let headers = [
            ("content-type", "application/json"),
            ("intuit-signature", signature.as_str()),
        ];
        self.hook.post(&headers, body).await
    }
}
