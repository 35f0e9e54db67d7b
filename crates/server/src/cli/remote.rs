//! A running server, spoken to over GraphQL.

use anyhow::{Context, bail, ensure};
use clap::Args;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use jackfield_egress::{Egress, EgressConfig, Request};
use serde_json::{Value, json};
use url::Url;

/// The variable that holds the API key: on a command line everybody on the machine could read it.
const KEY: &str = "JACKFIELD_API_KEY";

/// Which server is meant.
#[derive(Args)]
pub struct Server {
    /// The URL of the server.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        env = "JACKFIELD_SERVER"
    )]
    server: String,
}

impl Server {
    /// The server, with the key from the environment.
    ///
    /// # Errors
    ///
    /// When the URL is none, or there is no key.
    pub fn connect(&self) -> anyhow::Result<Remote> {
        Remote::new(&self.server)
    }
}

/// A running server.
pub struct Remote {
    egress: Egress,
    url: Url,
    key: HeaderValue,
}

impl Remote {
    /// The server at that URL, with the key from the environment.
    ///
    /// # Errors
    ///
    /// When the URL is none, or there is no key.
    fn new(server: &str) -> anyhow::Result<Remote> {
        let server = server.trim_end_matches('/');
        let url = Url::parse(&format!("{server}/graphql")).with_context(|| {
            format!("--server `{server}` is no URL; write it like http://127.0.0.1:8080")
        })?;
        let key =
            std::env::var(KEY).with_context(|| format!("set {KEY} to an API key of the server"))?;
        let mut key = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
            .with_context(|| format!("{KEY} holds no API key"))?;
        key.set_sensitive(true);
        // Whoever types the URL decides where it leads.
        let everywhere = ["0.0.0.0/0", "::/0"].map(str::parse).into_iter();
        let egress = Egress::new(EgressConfig {
            allow: everywhere.collect::<Result<_, _>>()?,
            ..EgressConfig::default()
        })?;
        Ok(Remote { egress, url, key })
    }

    /// Sends a document and returns its data.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, or answers with errors.
    pub async fn ask(&self, document: &str, variables: Value) -> anyhow::Result<Value> {
        let mut request = Request::new(Method::POST, self.url.clone());
        request.follow_redirects = false;
        request.headers.insert(AUTHORIZATION, self.key.clone());
        request
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.body =
            serde_json::to_vec(&json!({"query": document, "variables": variables}))?.into();
        let response = self.egress.send(request).await;
        let response = response.with_context(|| format!("{} cannot be reached", self.url))?;
        let mut answer: Value = serde_json::from_slice(&response.body)
            .with_context(|| format!("{} answered {} with no JSON", self.url, response.status))?;
        if let Some(error) = answer["errors"].get(0) {
            bail!(
                "{}",
                error["message"]
                    .as_str()
                    .unwrap_or("the server refused the request")
            );
        }
        ensure!(
            !answer["data"].is_null(),
            "{} answered {} without data",
            self.url,
            response.status
        );
        Ok(answer["data"].take())
    }
}
