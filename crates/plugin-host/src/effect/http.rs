use std::future::Future;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use jackfield_egress::{EgressError, ErrorCode, Gate, Outgoing, Request, Response};
use jackfield_plugin_abi::frame::Frame;
use jackfield_plugin_abi::messages::{
    CallError, CredentialSlot, HttpRequest, ResponseBody, code, is_text,
};
use url::{Origin, Url};

use super::answer::Exchange;
use super::{Performer, Reply, record};
use crate::host::Host;
use crate::hosts;
use crate::plugin::Plugin;
use crate::services::Services;

/// The content type of bytes that nobody named.
const OCTETS: &str = "application/octet-stream";

impl<'a> Performer<'a> {
    /// Checks a request and returns the exchange that performs it.
    pub(super) fn http<'p>(
        &'p self,
        request: &HttpRequest<'_>,
        frame: &Frame<'_>,
        bytes: &Bytes,
    ) -> Result<impl Future<Output = Result<Reply, CallError>> + Send + use<'a, 'p>, CallError>
    {
        let slot = match &request.credential {
            Some(name) => Some(self.slot(name)?),
            None => None,
        };
        let body_wanted = Wanted {
            body: request.response_body,
            attach_bytes: request.attach_bytes(),
        };
        let egress_request = outgoing(request, frame, bytes)?;
        let recorder = self.services.recorder();
        let asked = recorder.map(|recorder| {
            let Request {
                method, url, body, ..
            } = &egress_request;
            let asked = record::request(method, url, &request.headers, body);
            (recorder, asked)
        });
        let mut gate = RequestGate {
            host: self.host,
            plugin: self.plugin,
            services: self.services,
            slot,
            first: None,
            used: false,
            turn: false,
            refusal: None,
        };
        Ok(async move {
            if let Some(slot) = slot {
                self.services.turn(&slot.slot).await?;
                gate.turn = true;
            }
            let started = Instant::now();
            let answer = self.egress.send_through(egress_request, &mut gate).await;
            let response = answer.map_err(|error| {
                let refusal = gate.refusal.take();
                refusal.unwrap_or_else(|| explain(&error))
            })?;
            if let (Some(slot), true) = (slot, gate.used) {
                let (status, headers) = (response.status, &response.headers);
                self.services.answered(&slot.slot, status, headers).await;
            }
            let exchange = self.exchange(response, body_wanted, started.elapsed());
            let exchange = exchange.await?;
            if let Some((recorder, asked)) = asked {
                recorder.record(record::exchange(asked, &exchange));
            }
            Ok(Reply::Http(Box::new(exchange)))
        })
    }

    async fn exchange(
        &self,
        mut response: Response,
        wanted: Wanted,
        duration: Duration,
    ) -> Result<Exchange, CallError> {
        response.body = self.services.mask(response.body);
        let content_type = response.headers.get(CONTENT_TYPE);
        let content_type = content_type.map(latin1).unwrap_or_default();
        let blob = match wanted.as_blob(&content_type, &response.body) {
            true => {
                let content_type = match content_type.is_empty() {
                    true => OCTETS,
                    false => &content_type,
                };
                let stored = self
                    .services
                    .store_blob(response.body.clone(), content_type);
                Some(stored.await?)
            }
            false => None,
        };
        Ok(Exchange {
            status: response.status.as_u16(),
            headers: headers(&response.headers, self.services),
            body: response.body,
            blob,
            truncated: response.truncated,
            url: masked(self.services, response.url.into()),
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

/// How the body is wanted back.
struct Wanted {
    body: ResponseBody,
    attach_bytes: u64,
}

impl Wanted {
    fn as_blob(&self, content_type: &str, body: &[u8]) -> bool {
        if body.is_empty() {
            return false;
        }
        match self.body {
            ResponseBody::Attached => false,
            ResponseBody::Blob => true,
            ResponseBody::Auto => {
                let unnamed_octets = content_type.is_empty() && std::str::from_utf8(body).is_err();
                body.len() as u64 > self.attach_bytes || !is_text(content_type) || unnamed_octets
            }
        }
    }
}

fn outgoing(
    request: &HttpRequest<'_>,
    frame: &Frame<'_>,
    bytes: &Bytes,
) -> Result<Request, CallError> {
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| invalid(format!("{:?} is no HTTP method", request.method)))?;
    let mut url = Url::parse(&request.url)
        .map_err(|error| invalid(format!("the URL of the request is not valid: {error}")))?;
    if !request.query.is_empty() {
        let pairs = request.query.iter().map(|pair| (&pair.0, &pair.1));
        url.query_pairs_mut().extend_pairs(pairs);
    }
    let body = match request.body {
        Some(body) => {
            let body = frame
                .attachment(body)
                .map_err(|error| invalid(error.to_string()))?;
            bytes.slice_ref(body)
        }
        None => Bytes::new(),
    };
    let mut outgoing = Request::new(method, url);
    outgoing.headers = header_map(request)?;
    outgoing.body = body;
    outgoing.timeout = request.timeout_ms.map(Duration::from_millis);
    outgoing.max_bytes = request
        .max_bytes
        .map(|max| usize::try_from(max).unwrap_or(usize::MAX));
    outgoing.truncate = request.truncate;
    outgoing.follow_redirects = request.follow_redirects;
    Ok(outgoing)
}

fn header_map(request: &HttpRequest<'_>) -> Result<HeaderMap, CallError> {
    let mut map = HeaderMap::new();
    for header in &request.headers {
        let name = HeaderName::from_bytes(header.0.as_bytes())
            .map_err(|_| invalid(format!("{:?} is no name of a header", header.0)))?;
        let value = HeaderValue::from_bytes(header.1.as_bytes())
            .map_err(|_| invalid(format!("the value of the header {name} is not valid")))?;
        map.append(name, value);
    }
    if let Some(key) = &request.idempotency_key {
        let value = HeaderValue::from_bytes(key.as_bytes())
            .map_err(|_| invalid("the idempotency key cannot be a header".into()))?;
        let name = HeaderName::from_static("idempotency-key");
        map.entry(name).or_insert(value);
    }
    Ok(map)
}

fn invalid(message: String) -> CallError {
    CallError::new(code::INVALID_REQUEST, message)
}

fn headers(map: &HeaderMap, services: &dyn Services) -> Vec<(String, String)> {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), masked(services, latin1(value)))
    };
    map.iter().map(header).collect()
}

fn masked(services: &dyn Services, text: String) -> String {
    let masked = services.mask(Bytes::from(text));
    String::from_utf8_lossy(&masked).into_owned()
}

/// A header as text; bytes that are not UTF-8 are read as Latin-1.
fn latin1(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value
            .as_bytes()
            .iter()
            .map(|byte| char::from(*byte))
            .collect(),
    }
}

fn explain(error: &EgressError) -> CallError {
    let code = match error.code() {
        ErrorCode::InvalidUrl | ErrorCode::InvalidRequest => code::INVALID_REQUEST,
        ErrorCode::ForbiddenAddress => code::FORBIDDEN_ADDRESS,
        ErrorCode::TooManyRedirects => code::PROTOCOL,
        other => other.as_str(),
    };
    let explained = CallError::new(code, error.to_string());
    match error.code().retryable() {
        true => explained.retryable(),
        false => explained,
    }
}

/// Lets those hops pass that the operator granted, and puts the credential on those that it may go on.
struct RequestGate<'a> {
    host: &'a Host,
    plugin: &'a Plugin,
    services: &'a dyn Services,
    slot: Option<&'a CredentialSlot<'a>>,
    /// The origin that the plugin asked. Where the manifest allows any host, the credential stays with this one: it is
    /// whoever answers that chooses where a redirect leads.
    first: Option<Origin>,
    /// Whether the last hop carried the credential.
    used: bool,
    /// Whether the next hop with the credential has its turn already.
    turn: bool,
    refusal: Option<CallError>,
}

impl RequestGate<'_> {
    fn admits(&mut self, slot: &CredentialSlot<'_>, url: &Url) -> bool {
        let at_first = *self.first.get_or_insert_with(|| url.origin()) == url.origin();
        let provider = self.host.provider(&slot.provider);
        let named = provider.is_some_and(|found| match at_first {
            true => hosts::admit(&found.manifest.hosts, url),
            false => hosts::admit_by_name(&found.manifest.hosts, url),
        });
        named && self.services.grants(&slot.slot, url)
    }

    async fn authorize(&mut self, redirects: usize, hop: &mut Outgoing) -> Result<(), CallError> {
        self.used = false;
        let Some(slot) = self.slot else { return Ok(()) };
        if self.admits(slot, &hop.url) {
            if !std::mem::take(&mut self.turn) {
                self.services.turn(&slot.slot).await?;
            }
            self.services.authorize(&slot.slot, hop).await?;
            self.used = true;
            return Ok(());
        }
        if redirects > 0 {
            return Ok(());
        }
        let host = hop.url.host_str().unwrap_or_default();
        let message = format!(
            "the credential of {} may not be sent to {}://{host}; its manifest or the connected app does not list that host",
            slot.provider,
            hop.url.scheme()
        );
        Err(CallError::new(code::CREDENTIAL, message))
    }
}

impl Gate for RequestGate<'_> {
    async fn pass(&mut self, redirects: usize, hop: &mut Outgoing) -> Result<(), EgressError> {
        let passed = match self.plugin.may_reach(&hop.url) {
            Ok(()) => self.authorize(redirects, hop).await,
            refused => refused,
        };
        if let Err(refusal) = passed {
            let refused = EgressError::refused(refusal.message.clone());
            self.refusal = Some(refusal);
            return Err(refused);
        }
        self.services.reroute(&mut hop.url);
        Ok(())
    }

    async fn again(&mut self, status: StatusCode) -> bool {
        match self.slot {
            Some(slot) if self.used && status == StatusCode::UNAUTHORIZED => {
                self.services.renew(&slot.slot).await
            }
            _ => false,
        }
    }
}
