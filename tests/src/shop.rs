//! The example of a plugin with one of everything, `crates/plugin-sdk/examples/shop.rs`, and a scripted shop.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;

use anyhow::{Context, Result};
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::hook::{HookAnswer, InboundHook};
use crate::jackfield::Setup;
use crate::receiver::Receiver;
use crate::workflow::text;

/// What it signs its webhooks with.
const SIGNING_KEY: &str = "signed-by-the-shop";

/// An app that is connected to the shop.
pub struct ShopApp {
    /// Its id.
    pub id: Value,
    /// The address at which the shop's webhooks arrive.
    pub hook: InboundHook,
}

impl Setup {
    /// A server with the example plugin, which is built beside the tests.
    pub fn with_shop(engine: Engine) -> Result<Self> {
        let setup = Self::new(engine)?.environment("JACKFIELD_UNSIGNED_PLUGINS", "allow");
        setup.add_shop()?;
        Ok(setup)
    }

    /// Adds the example plugin to those of a server that is still to be started.
    pub fn add_shop(&self) -> Result<()> {
        let executable = std::env::current_exe()?;
        let profile = executable.parent().and_then(|deps| deps.parent());
        let name = format!("{DLL_PREFIX}shop{DLL_SUFFIX}");
        let library = profile.context("a test lies in deps")?;
        let library = library.join("examples").join(&name);
        let folder = self.plugins().join("shop");
        fs::create_dir_all(&folder)?;
        fs::copy(&library, folder.join(&name))
            .with_context(|| format!("{} is built with --examples", library.display()))?;
        Ok(())
    }
}

impl ShopApp {
    /// Connects an app to a scripted shop, or to a stall: the providers `shop` and `stall`.
    pub async fn connect(client: &Client, provider: &str, outside: &Receiver) -> Result<Self> {
        let input = json!({
            "provider": provider, "name": "Shop", "skipTest": true,
            "credentials": {"apiKey": "key_of_the_shop", "signingKey": SIGNING_KEY},
            "settings": {"origins": {"https://api.shop.example": outside.url("").trim_end_matches('/')}},
        });
        let fields = "connectedApp { id inboundHook { id url config } }";
        let connected = client.succeed("connectApp", input, fields).await?;
        let app = &connected["connectedApp"];
        Ok(Self {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }

    /// Posts a body as the shop signs it.
    pub async fn post(&self, body: &Value) -> Result<HookAnswer> {
        let body = body.to_string();
        let signature = sign(&body);
        self.hook.post(&[("x-signature", &signature)], body).await
    }
}

/// The shop's signature of a body.
#[must_use]
pub fn sign(body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SIGNING_KEY.as_bytes());
    hex::encode(hmac::sign(&key, body.as_bytes()))
}
