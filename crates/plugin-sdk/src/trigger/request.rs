use jackfield_plugin_abi::messages::{CallError, Header, ReceivedRequest, code};
use serde::de::DeserializeOwned;

use crate::Result;
use crate::call::Opened;

/// A request that a provider sent.
#[derive(Clone, Debug)]
pub struct InboundRequest {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl InboundRequest {
    pub(super) fn read(opened: &Opened<'_>) -> Result<Self> {
        let invalid = |error: &dyn std::fmt::Display| {
            let message = format!("The arguments of webhook.receive are not valid: {error}.");
            CallError::new(code::INVALID_INPUT, message)
        };
        let message: ReceivedRequest<'_> =
            serde_json::from_str(opened.call.input.get()).map_err(|error| invalid(&error))?;
        let body = opened
            .frame
            .attachment(message.body)
            .map_err(|error| invalid(&error))?;
        let pair =
            |Header(name, value): Header<'_>| (name.to_ascii_lowercase(), value.into_owned());
        Ok(Self {
            method: message.method.into_owned(),
            url: message.url.into_owned(),
            headers: message.headers.into_iter().map(pair).collect(),
            body: body.to_vec(),
        })
    }

    /// In capitals, e.g. `POST`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The whole URL that the provider called, as it knows it: some providers sign it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// In the order received, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The query parameters of the URL, decoded.
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    /// The raw body; signatures are over these bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The fields of a form, decoded, in order.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`code::INVALID_INPUT`] when it is no `T`. A body that is not understood although its signature is right is worth an
    /// error and no rejection: the provider then sends it again.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            CallError::new(
                code::INVALID_INPUT,
                format!("The body is not as expected: {error}."),
            )
        })
    }
}
