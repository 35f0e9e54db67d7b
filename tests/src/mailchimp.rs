//! A scripted Mailchimp, and how it tells what happens.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply};
use crate::workflow::text;

/// Answers as Mailchimp does, on loopback.
pub struct Mailchimp {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to Mailchimp.
pub struct MailchimpApp {
    /// Its id.
    pub id: Value,
    /// The address that was entered at Mailchimp, with the secret in its query.
    pub hook: InboundHook,
}

impl Mailchimp {
    /// Where a member of the audience `a1b2c3d4e5` is, whose address is `ada@example.com`.
    pub const MEMBER: &str = "/3.0/lists/a1b2c3d4e5/members/3e3417d7ef77d5932a6734b916515ed5";

    /// Where the tags of that member are.
    pub const TAGS: &str = "/3.0/lists/a1b2c3d4e5/members/3e3417d7ef77d5932a6734b916515ed5/tags";

    /// Where a campaign is.
    pub const CAMPAIGN: &str = "/3.0/campaigns/42694e9e57";

    /// Where that campaign is sent.
    pub const SEND: &str = "/3.0/campaigns/42694e9e57/actions/send";

    const SECRET: &str = "secret of the audience's webhook";

    /// A server that takes every key, and whose campaign is not sent yet.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let account = json!({"account_name": "Acme", "email": "ada@example.com"});
        outside.answer("/3.0/", [Reply::json(200, &account)]);
        outside.answer(Self::MEMBER, [Self::member()]);
        outside.answer(Self::TAGS, [Self::done()]);
        outside.answer(Self::CAMPAIGN, [Self::campaign("save")]);
        outside.answer(Self::SEND, [Self::done()]);
        Ok(Self { outside })
    }

    /// What it answers when there is nothing to say.
    #[must_use]
    pub fn done() -> Reply {
        Reply::bytes(204, "application/json", "")
    }

    /// The member.
    #[must_use]
    pub fn member() -> Reply {
        Reply::json(
            200,
            &json!({
                "id": "3e3417d7ef77d5932a6734b916515ed5", "email_address": "ada@example.com", "status": "subscribed", "list_id": "a1b2c3d4e5",
                "merge_fields": {"FNAME": "Ada", "LNAME": ""}, "tags": [],
            }),
        )
    }

    /// The campaign, in this status.
    #[must_use]
    pub fn campaign(status: &str) -> Reply {
        let campaign = json!({"id": "42694e9e57", "web_id": 7, "status": status, "settings": {"title": "Spring"}});
        Reply::json(200, &campaign)
    }

    /// What it answers when something is wrong: problem details.
    #[must_use]
    pub fn problem(status: u16, title: &str, detail: &str) -> Reply {
        let kind = "https://mailchimp.com/developer/marketing/docs/errors/";
        let problem = json!({"type": kind, "title": title, "status": status, "detail": detail, "instance": "995c5cb0-3280"});
        let body = problem.to_string();
        Reply::bytes(status, "application/problem+json; charset=utf-8", body)
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "mailchimp", "name": "Audiences",
            "credentials": {"apiKey": "0123456789abcdef-us21", "server": "us21", "webhookSecret": Self::SECRET},
            "settings": {"origins": {"https://us21.api.mailchimp.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it.
    pub async fn connect(&self, client: &Client) -> Result<MailchimpApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        Ok(MailchimpApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: with_secret(&text(&app["inboundHook"]["url"])?, Self::SECRET),
                node_key: String::new(),
            },
        })
    }
}

impl MailchimpApp {
    /// Tells that somebody has subscribed.
    pub async fn subscribed(&self, email: &str, first_name: &str) -> Result<HookAnswer> {
        let form = form_urlencoded(&[
            ("type", "subscribe"),
            ("fired_at", "2026-12-01 21:35:57"),
            ("data[id]", email),
            ("data[list_id]", "a1b2c3d4e5"),
            ("data[email]", email),
            ("data[merges][FNAME]", first_name),
        ]);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.hook.post(&headers, form).await
    }

    /// The same app, told by somebody who does not know the secret.
    #[must_use]
    pub fn forged(&self) -> Self {
        let (url, _) = self.hook.url.split_once('?').unwrap_or_default();
        let hook = InboundHook {
            url: with_secret(url, "guess"),
            ..self.hook.clone()
        };
        Self {
            id: self.id.clone(),
            hook,
        }
    }
}

fn with_secret(url: &str, secret: &str) -> String {
    format!("{url}?{}", form_urlencoded(&[("secret", secret)]))
}

fn form_urlencoded(fields: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://form/").expect("a URL");
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}
