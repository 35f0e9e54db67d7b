//! A scripted Twilio, and how it signs its webhooks.

use anyhow::Result;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use form_urlencoded::Serializer;
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply, Request};
use crate::workflow::text;

/// The account that apps are connected to.
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// Its auth token, with which it signs.
const TOKEN: &str = "auth-token-of-the-account";

/// Answers as Twilio does, on loopback.
pub struct Twilio {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to Twilio.
pub struct TwilioApp {
    /// Its id.
    pub id: Value,
    /// The address at which Twilio's webhooks arrive.
    pub hook: InboundHook,
}

impl Twilio {
    /// A server that takes every token, message and call, of an account with these numbers.
    pub async fn start(numbers: &[&str]) -> Result<Self> {
        let twilio = Self {
            outside: Receiver::start().await?,
        };
        let account =
            json!({"sid": ACCOUNT, "friendly_name": "Example", "status": "active", "type": "Full"});
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}.json");
        twilio.outside.answer(&path, [Reply::json(200, &account)]);
        let number = |number: &&str| {
            json!({
                "sid": "PN1", "phone_number": number, "friendly_name": "Front desk",
                "capabilities": {"voice": true, "sms": true, "mms": true},
            })
        };
        let numbers: Vec<Value> = numbers.iter().map(number).collect();
        let list = json!({"incoming_phone_numbers": numbers, "next_page_uri": null});
        twilio.outside.answer(
            &below("IncomingPhoneNumbers.json"),
            [Reply::json(200, &list)],
        );
        twilio.answer_messages([Self::taken()]);
        let call =
            json!({"sid": "CA1", "status": "queued", "to": "+15551230000", "from": "+15550100"});
        twilio
            .outside
            .answer(&below("Calls.json"), [Reply::json(201, &call)]);
        let found = json!({"valid": true, "phone_number": "+15551230000", "country_code": "US", "validation_errors": []});
        let lookup = "/v2/PhoneNumbers/+15551230000";
        twilio.outside.answer(lookup, [Reply::json(200, &found)]);
        Ok(twilio)
    }

    /// Answers messages in this way, the last one from then on.
    pub fn answer_messages(&self, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer(&below("Messages.json"), replies);
    }

    /// Answers the test of a token in this way from now on.
    pub fn answer_tests(&self, reply: Reply) {
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}.json");
        self.outside.answer(&path, [reply]);
    }

    /// What it answers to a message.
    #[must_use]
    pub fn taken() -> Reply {
        let message = json!({
            "sid": "SM1", "status": "queued", "to": "+15551230000", "from": "+15550100", "body": "Hello", "num_segments": "1",
            "error_code": null, "error_message": null,
        });
        Reply::json(201, &message)
    }

    /// What it answers when it does not take something.
    #[must_use]
    pub fn refused(status: u16, code: u32, message: &str) -> Reply {
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        let error = json!({"code": code, "message": message, "more_info": more, "status": status});
        Reply::json(status, &error)
    }

    /// The messages that reached it.
    #[must_use]
    pub fn messages(&self) -> Vec<Request> {
        self.outside.requests_to(&below("Messages.json"))
    }

    /// The calls that reached it.
    #[must_use]
    pub fn calls(&self) -> Vec<Request> {
        self.outside.requests_to(&below("Calls.json"))
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        let here = self.outside.url("").trim_end_matches('/').to_owned();
        json!({
            "provider": "twilio", "name": "Phone",
            "credentials": {"scheme": "auth_token", "accountSid": ACCOUNT, "authToken": TOKEN, "webhookSecret": TOKEN},
            "settings": {"origins": {"https://api.twilio.com": here, "https://lookups.twilio.com": here}},
        })
    }

    /// Connects an app to it.
    pub async fn connect(&self, client: &Client) -> Result<TwilioApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        Ok(TwilioApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }
}

impl TwilioApp {
    /// Posts a form as Twilio signs it: the URL and what is in the form, sorted.
    pub async fn post(&self, form: &[(&str, &str)]) -> Result<HookAnswer> {
        let mut sorted = form.to_vec();
        sorted.sort_unstable();
        let parameters: String = sorted
            .iter()
            .flat_map(|(name, value)| [*name, *value])
            .collect();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes());
        let signed = format!("{}{parameters}", self.hook.url);
        let signature = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
        self.post_with(form, &[("x-twilio-signature", &signature)])
            .await
    }

    /// Posts a form with these headers.
    pub async fn post_with(
        &self,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<HookAnswer> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.hook.post(&all, body).await
    }
}

/// A path below the account.
fn below(path: &str) -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/{path}")
}
