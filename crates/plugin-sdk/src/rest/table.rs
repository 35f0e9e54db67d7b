use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{read, value_of};
use super::api::Key;
use super::parts::invalid;
use super::{Api, Pages, Parts, value_at};
use crate::derived::Body;
use crate::{Context, Request, Result};

/// One operation: where it goes and what comes back. `#[rest(…)]` calls these methods.
#[derive(Clone, Debug)]
pub struct Table {
    api: Api,
    method: &'static str,
    path: &'static str,
    fixed: Vec<(String, Value)>,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    forms: bool,
    keyed: bool,
    wrap: Option<String>,
    pick: Option<String>,
    success: Vec<u16>,
    pages: Option<Pages>,
}

impl Table {
    /// An operation of an API.
    pub fn new(api: Api, method: &'static str, path: &'static str) -> Self {
        Self {
            forms: api.forms,
            keyed: matches!(method, "POST" | "PATCH"),
            api,
            method,
            path,
            fixed: Vec::new(),
            headers: Vec::new(),
            query: Vec::new(),
            wrap: None,
            pick: None,
            success: Vec::new(),
            pages: None,
        }
    }

    /// Puts this into the body, at a dotted path, unless a field does.
    #[must_use]
    pub fn set(mut self, target: &str, value: impl Into<Value>) -> Self {
        self.fixed.push((target.to_owned(), value.into()));
        self
    }

    /// Sends a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body is a form, whatever the API's usual.
    #[must_use]
    pub fn form(mut self) -> Self {
        self.forms = true;
        self
    }

    /// The body is JSON, whatever the API's usual.
    #[must_use]
    pub fn json(mut self) -> Self {
        self.forms = false;
        self
    }

    /// The body is what fields put under this name of it, such as a list.
    #[must_use]
    pub fn body_is(mut self, member: &str) -> Self {
        self.wrap = Some(member.to_owned());
        self
    }

    /// An idempotency key is sent, where the API knows one, although the method is neither POST nor PATCH.
    #[must_use]
    pub fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }

    /// No idempotency key is sent.
    #[must_use]
    pub fn unkeyed(mut self) -> Self {
        self.keyed = false;
        self
    }

    /// Statuses from 400 on that are no failure, such as 404 of what was to be deleted.
    #[must_use]
    pub fn success(mut self, statuses: &[u16]) -> Self {
        self.success.extend(statuses);
        self
    }

    /// The output is this part of the answer.
    #[must_use]
    pub fn pick(mut self, path: &str) -> Self {
        self.pick = Some(path.to_owned());
        self
    }

    /// The answer is one page of several; the output is a [`Page`](super::Page).
    #[must_use]
    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = Some(pages);
        self
    }

    /// The request with these values.
    pub(super) fn request(&self, context: &Context, parts: &Parts) -> Result<Request> {
        let mut request = self
            .api
            .request_with(context, self.method, self.path, &parts.path)?;
        for (name, value) in self.headers.iter().chain(&parts.headers) {
            request = request.header(name, value);
        }
        request = self.api.with_settings(context, request)?;
        for (name, value) in self.query.iter().chain(&parts.query) {
            request = request.query(name, value);
        }
        request = match &self.api.key {
            _ if !self.keyed => request,
            Key::Unknown => request,
            Key::Header => request.idempotent(),
            Key::Query(name) => request.idempotent_by(name),
        };
        let mut body = Body::default();
        for (target, value) in self.fixed.iter().chain(&parts.body) {
            body.put(target, value)
                .map_err(|error| invalid(target, &error.to_string()))?;
        }
        let body = body.into_value();
        Ok(match &self.wrap {
            Some(member) => self.put_body(request, value_at(&body, member).unwrap_or(&Value::Null)),
            None if body == json!({}) => request,
            None => self.put_body(request, &body),
        })
    }

    fn put_body(&self, request: Request, body: &Value) -> Request {
        match self.forms {
            true => request.form(body),
            false => request.json(body),
        }
    }

    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        request: Request,
        parts: &Parts,
    ) -> Result<T> {
        if let Some(pages) = &self.pages {
            let pages = self.api.pages(request, pages.clone());
            let page = pages
                .from(parts.cursor.as_deref())
                .collect(parts.limit)
                .await?;
            return read(json!(page));
        }
        let response = request.send().await?;
        let answer = self
            .api
            .failures()
            .check(&response, &self.success, value_of(&response))?;
        match &self.pick {
            Some(path) => read(value_at(&answer, path).cloned().unwrap_or(Value::Null)),
            None => read(answer),
        }
    }
}
