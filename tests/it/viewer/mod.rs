//! Who is asking, and what they may do.

mod api_key;
mod issuer;
mod role;
mod rotate;
mod scope;
mod session;

use anyhow::{Context, Result};
use jackfield_tests::{Client, Jackfield};
use serde_json::json;

const WHO: &str = "{ viewer { role } }";

/// Makes an API key of a role and returns a client that uses it.
pub(crate) async fn client_of(jackfield: &Jackfield, role: &str) -> Result<Client> {
    let input = json!({"name": format!("{role} of the test"), "role": role});
    let payload = jackfield
        .owner()
        .succeed("createApiKey", input, "secret")
        .await?;
    let secret = payload["secret"]
        .as_str()
        .context("a new key is shown once")?;
    Ok(jackfield.anonymous().with_token(secret))
}

/// The role that the server sees in a token; an error when it does not accept the token at all.
async fn role_of(jackfield: &Jackfield, token: &str) -> Result<String> {
    let answer = jackfield
        .anonymous()
        .with_token(token)
        .send(WHO, json!({}))
        .await?;
    let role = answer.body["data"]["viewer"]["role"].as_str();
    Ok(role
        .with_context(|| format!("{} {}", answer.status, answer.body))?
        .to_owned())
}
