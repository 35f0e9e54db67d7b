//! Users, as somebody who was invited.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::Client;

/// A user who has signed in.
pub struct SignedIn {
    /// A client with their session token.
    pub client: Client,
    /// Their id.
    pub id: String,
    /// Their session token.
    pub token: String,
    /// What goes on with their session.
    pub refresh_token: String,
}

/// What is selected of a session.
pub const SESSION: &str = "session { token refreshToken user { id } }";

impl SignedIn {
    /// The password of every user that [`Client::join`] makes.
    pub const PASSWORD: &'static str = "a password of the tests";

    /// Reads the payload of a mutation that begins a session.
    pub fn of(client: &Client, payload: &Value) -> Result<Self> {
        let session = &payload["session"];
        let text = |value: &Value| {
            let text = value.as_str().map(str::to_owned);
            text.with_context(|| format!("no session: {payload:#}"))
        };
        let token = text(&session["token"])?;
        Ok(Self {
            client: client.with_token(&token),
            id: text(&session["user"]["id"])?,
            token,
            refresh_token: text(&session["refreshToken"])?,
        })
    }
}

impl Client {
    /// Invites somebody, who accepts and has signed in then.
    pub async fn join(&self, email: &str, role: &str) -> Result<SignedIn> {
        let invited = self
            .succeed("inviteUser", json!({"email": email, "role": role}), "token")
            .await?;
        let input =
            json!({"token": invited["token"], "name": email, "password": SignedIn::PASSWORD});
        let anonymous = self.anonymous();
        let accepted = anonymous
            .succeed("acceptInvitation", input, SESSION)
            .await?;
        SignedIn::of(&anonymous, &accepted)
    }

    /// Signs a user in whom [`join`](Self::join) has made.
    pub async fn sign_in(&self, email: &str) -> Result<SignedIn> {
        let input = json!({"email": email, "password": SignedIn::PASSWORD});
        let anonymous = self.anonymous();
        let payload = anonymous.succeed("signIn", input, SESSION).await?;
        SignedIn::of(&anonymous, &payload)
    }
}
