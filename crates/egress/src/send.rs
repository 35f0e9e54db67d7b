use std::error::Error as StdError;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Method;
use ipnet::IpNet;
use tokio::sync::OwnedSemaphorePermit;
use url::{Host, Url};

use crate::error::{EgressError, ErrorCode, deepest, shown, within};
use crate::gate::{Gate, Open};
use crate::guard::Guard;
use crate::limits::HostLimits;
use crate::lookup::{GuardedLookup, Lookup, SharedLookup, SystemLookup};
use crate::nats;
use crate::redirect;
use crate::request::{Outgoing, Request};
use crate::response::Response;

/// What an [`Egress`] reaches and how far it goes.
pub struct EgressConfig {
    /// Ranges that may be reached besides public addresses (`JACKFIELD_EGRESS_ALLOW`).
    pub allow: Vec<IpNet>,
    /// How long one connection may take to be made, TLS included.
    pub connect_timeout: Duration,
    /// How long a request may take at most, redirects and body included.
    pub timeout: Duration,
    /// The largest body that is ever accepted, in bytes.
    pub max_bytes: usize,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// How many requests to one origin are in flight at once; further ones wait within their timeout.
    pub per_host: usize,
    /// How names become addresses.
    pub lookup: Arc<dyn Lookup>,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(300),
            max_bytes: 32 << 20,
            max_redirects: 5,
            per_host: 64,
            lookup: Arc::new(SystemLookup),
        }
    }
}

/// Sends requests to the outside world. Cheap to clone; clones share connections and limits.
#[derive(Clone)]
pub struct Egress {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    client: reqwest::Client,
    guard: Arc<Guard>,
    lookup: Arc<GuardedLookup>,
    limits: HostLimits,
    /// Connections to NATS servers.
    pub(crate) nats: nats::Pool,
    pub(crate) connect_timeout: Duration,
    timeout: Duration,
    max_bytes: usize,
    max_redirects: usize,
}

impl Egress {
    /// Sets up connections; none is opened yet.
    ///
    /// # Errors
    /// `TLS` when TLS cannot be set up. A machine without certificates of authorities only gets a warning in the log.
    pub fn new(config: EgressConfig) -> Result<Self, EgressError> {
        let guard = Arc::new(Guard::new(config.allow));
        let lookup = GuardedLookup {
            lookup: config.lookup,
            guard: guard.clone(),
        };
        let checked = Arc::new(lookup);
        let lookup = SharedLookup(checked.clone());
        let client = || {
            reqwest::Client::builder()
                .no_proxy()
                .referer(false)
                .redirect(reqwest::redirect::Policy::none())
                .dns_resolver(lookup.clone())
                .connect_timeout(config.connect_timeout)
                .pool_idle_timeout(Duration::from_secs(60))
                .pool_max_idle_per_host(config.per_host)
                .user_agent(concat!("jackfield/", env!("CARGO_PKG_VERSION")))
        };
        let client = client().build().or_else(|error| {
            tracing::warn!(
                cause = deepest(&error),
                "https requests will fail: install the certificates of authorities (ca-certificates) and restart"
            );
            client().tls_certs_only([]).build()
        });
        let client = client.map_err(|error| {
            let cause = deepest(&error);
            EgressError::new(ErrorCode::Tls, format!("TLS cannot be set up: {cause}"))
        })?;
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                guard,
                lookup: checked,
                limits: HostLimits::new(config.per_host),
                nats: nats::Pool::default(),
                connect_timeout: config.connect_timeout,
                timeout: config.timeout,
                max_bytes: config.max_bytes,
                max_redirects: config.max_redirects,
            }),
        })
    }

    /// Checks a URL that is about to be saved: everything that can be said without looking its name up.
    ///
    /// # Errors
    /// `INVALID_URL` or `FORBIDDEN_ADDRESS`, with a sentence for whoever typed the URL.
    pub fn check_url(&self, url: &Url) -> Result<(), EgressError> {
        self.inner.guard.check_url(url)
    }

    /// Checks a URL that is about to be saved, and looks its name up; a name that does not resolve yet is let pass. Returns
    /// whether it leads nowhere but to ranges that the operator has allowed.
    ///
    /// # Errors
    /// As [`check_url`](Self::check_url).
    pub async fn check_target(&self, url: &Url) -> Result<bool, EgressError> {
        self.inner.guard.check_url(url)?;
        match url.host() {
            Some(host) => self.inner.leads_to_allowed(host).await,
            None => Ok(false),
        }
    }

    /// Sends a request, follows its redirects and reads the answer.
    ///
    /// # Errors
    /// See [`ErrorCode`].
    pub async fn send(&self, request: Request) -> Result<Response, EgressError> {
        self.send_through(request, &mut Open).await
    }

    /// The same with a [`Gate`] that sees each hop.
    ///
    /// # Errors
    /// See [`ErrorCode`].
    pub async fn send_through<G: Gate>(
        &self,
        request: Request,
        gate: &mut G,
    ) -> Result<Response, EgressError> {
        let limit = self.inner.timeout;
        let limit = request.timeout.map_or(limit, |asked| asked.min(limit));
        let place = shown(&request.url);
        match tokio::time::timeout(limit, self.inner.follow(request, gate)).await {
            Ok(done) => done,
            Err(_) => Err(EgressError::new(
                ErrorCode::Timeout,
                format!("{place} did not answer within {} ms", limit.as_millis()),
            )),
        }
    }
}

impl Inner {
    /// The addresses of a host, each of which may be dialled.
    pub(crate) async fn resolve(&self, host: Host<&str>) -> Result<Vec<IpAddr>, EgressError> {
        self.guard.check_host(&host)?;
        match host {
            Host::Ipv4(ip) => Ok(vec![IpAddr::V4(ip)]),
            Host::Ipv6(ip) => Ok(vec![IpAddr::V6(ip)]),
            Host::Domain(name) => self.lookup.addresses(name).await,
        }
    }

    /// Whether a host leads nowhere but to ranges that the operator has allowed. One that does not resolve yet does not.
    pub(crate) async fn leads_to_allowed(&self, host: Host<&str>) -> Result<bool, EgressError> {
        match self.resolve(host).await {
            Ok(addresses) => Ok(addresses.iter().all(|ip| self.guard.is_allowed(*ip))),
            Err(error) if error.code() == ErrorCode::Dns => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn follow<G: Gate>(
        &self,
        request: Request,
        gate: &mut G,
    ) -> Result<Response, EgressError> {
        let max_bytes = request.max_bytes.unwrap_or(usize::MAX).min(self.max_bytes);
        let mut hop = Outgoing {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body,
        }
        .clean()?;
        let mut redirects = 0;
        loop {
            let (sent, answer) = self.exchange(redirects, &hop, gate).await?;
            let next = match request.follow_redirects && redirect::redirects(answer.status()) {
                true => redirect::next(&hop, &sent, answer.status(), answer.headers())?,
                false => None,
            };
            let Some(next) = next else {
                let (status, headers) = (answer.status(), answer.headers().clone());
                let body = read(answer, &hop, max_bytes, request.truncate).await?;
                return Ok(Response {
                    status,
                    headers,
                    truncated: body.truncated,
                    body: body.bytes,
                    url: hop.url,
                });
            };
            redirects += 1;
            if redirects > self.max_redirects {
                return Err(too_many(&hop.url, self.max_redirects));
            }
            hop = next;
        }
    }

    /// Sends one hop, a second time when the gate says so, and returns where it went with the head of the answer.
    async fn exchange<G: Gate>(
        &self,
        redirects: usize,
        hop: &Outgoing,
        gate: &mut G,
    ) -> Result<(Url, Answer), EgressError> {
        let mut repeated = false;
        loop {
            self.guard.check_url(&hop.url)?;
            let mut sent = hop.clone();
            gate.pass(redirects, &mut sent).await?;
            let sent = sent.clean()?;
            let url = sent.url.clone();
            let answer = self.dial(sent).await?;
            if repeated || !gate.again(answer.status()).await {
                return Ok((url, answer));
            }
            repeated = true;
        }
    }

    async fn dial(&self, hop: Outgoing) -> Result<Answer, EgressError> {
        self.guard.check_url(&hop.url)?;
        let place = self.limits.acquire(&hop.url).await;
        let url = hop.url.clone();
        let mut request = reqwest::Request::new(hop.method, hop.url);
        *request.headers_mut() = hop.headers;
        if !hop.body.is_empty() {
            *request.body_mut() = Some(hop.body.into());
        }
        match self.client.execute(request).await {
            Ok(response) => Ok(Answer {
                response,
                _place: place,
            }),
            Err(error) => Err(explain(&error, &url)),
        }
    }
}

/// The head of an answer, holding its place among the requests to its host.
struct Answer {
    response: reqwest::Response,
    _place: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for Answer {
    type Target = reqwest::Response;

    fn deref(&self) -> &reqwest::Response {
        &self.response
    }
}

struct Body {
    bytes: Bytes,
    truncated: bool,
}

async fn read(
    mut answer: Answer,
    hop: &Outgoing,
    max_bytes: usize,
    truncate: bool,
) -> Result<Body, EgressError> {
    let announced = answer.content_length().unwrap_or(0);
    if hop.method != Method::HEAD && announced > max_bytes as u64 && !truncate {
        return Err(too_large(&hop.url, max_bytes));
    }
    let mut bytes = BytesMut::new();
    loop {
        let chunk = answer.response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| explain(&error, &hop.url))? else {
            let bytes = bytes.freeze();
            return Ok(Body {
                bytes,
                truncated: false,
            });
        };
        let room = max_bytes - bytes.len();
        if chunk.len() <= room {
            bytes.extend_from_slice(&chunk);
            continue;
        }
        if !truncate {
            return Err(too_large(&hop.url, max_bytes));
        }
        bytes.extend_from_slice(&chunk[..room]);
        return Ok(Body {
            bytes: bytes.freeze(),
            truncated: true,
        });
    }
}

fn too_large(url: &Url, max_bytes: usize) -> EgressError {
    EgressError::new(
        ErrorCode::TooLarge,
        format!(
            "the answer of {} is larger than {max_bytes} bytes",
            shown(url)
        ),
    )
}

fn too_many(url: &Url, max_redirects: usize) -> EgressError {
    EgressError::new(
        ErrorCode::TooManyRedirects,
        format!("{} redirects more than {max_redirects} times", shown(url)),
    )
}

/// Turns what the HTTP client says into a stable code and a message without a URL in it.
fn explain(error: &reqwest::Error, url: &Url) -> EgressError {
    let mut tls = false;
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(found) = cause {
        let found = within(found);
        if let Some(own) = found.downcast_ref::<EgressError>() {
            return own.clone();
        }
        tls |= found.is::<rustls::Error>();
        cause = found.source();
    }
    let place = shown(url);
    let cause = deepest(error);
    match (tls, error.is_connect()) {
        (true, _) => EgressError::new(
            ErrorCode::Tls,
            format!("the connection to {place} could not be secured: {cause}"),
        ),
        (false, true) => EgressError::new(
            ErrorCode::Connect,
            format!("no connection to {place}: {cause}"),
        ),
        (false, false) => EgressError::new(
            ErrorCode::Protocol,
            format!("the exchange with {place} broke: {cause}"),
        ),
    }
}
