//! The way of a webhook from the request to the event log.

use http::{Method, StatusCode};
use jackfield_connected_apps::{HookSecrets, SealError};
use jackfield_storage::{
    Append, Channels, Json, NewEvent, NewRun, StorageError, Timestamp,
    access::{Permit, PublishEvents},
    inbound_hook::Scheme,
};

use super::{
    Inbound, body, challenge,
    identity::{self, Identity},
    request::{Accepted, Answer, InboundRequest, Rejected},
    scope,
    target::Target,
    verify::{self, Refusal, Signed},
};

/// Why a webhook could be neither accepted nor rejected. The sender should try again: 503.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The hook's secret cannot be opened with this server's master keys.
    #[error("the secret of the hook cannot be opened: {0}")]
    Secret(#[from] SealError),
    /// The hook's config or what was to be stored is not the JSON that it must be.
    #[error("the hook is damaged, save and publish its workflow again: {0}")]
    Damaged(#[from] serde_json::Error),
}

impl Inbound {
    /// Verifies a request, stores its event with the runs that it starts, and says what to answer.
    ///
    /// It returns after the commit. A rejection of a known hook leaves a trace that its workflow's owner can read.
    pub async fn accept(&self, request: InboundRequest) -> Result<Answer, AcceptError> {
        let Some(target) = self.target(&request.token).await? else {
            return Ok(Answer::Rejected(Rejected::unknown()));
        };
        if !target.hook.active || target.triggers.is_empty() {
            return Ok(Answer::Rejected(Rejected::gone()));
        }
        let now = self.store.clock().now();
        match self.judge(&target, &request, now) {
            Ok(Judged::Event(body)) => self
                .append(&target, &request, body, now)
                .await
                .map(Answer::Accepted),
            Ok(Judged::Challenge(text)) => Ok(Answer::Challenge(text)),
            Err(rejected) => {
                self.trace(&target.hook, &rejected, request.body.len(), now)
                    .await;
                Ok(Answer::Rejected(rejected))
            }
        }
    }

    /// Everything that can be said about a request without writing.
    fn judge(
        &self,
        target: &Target,
        request: &InboundRequest,
        now: Timestamp,
    ) -> Result<Judged, Rejected> {
        let scheme = target.config.scheme;
        let secrets = target
            .secrets
            .as_ref()
            .map(HookSecrets::as_slice)
            .unwrap_or_default();
        let url = self.url(request);
        let signed = Signed {
            url: &url,
            query: request.query.as_deref(),
            headers: &request.headers,
            body: &request.body,
            now,
        };
        if request.method != Method::POST {
            let probed = challenge::probe(&target.config, secrets, &request.method, &signed);
            let probed = probed.ok_or_else(|| Rejected::method(challenge::methods(scheme)))?;
            return probed.map(Judged::Challenge).map_err(unauthorized);
        }
        if request.body.len() > self.config.max_body {
            return Err(too_large(self.config.max_body));
        }
        let format = target.config.format();
        body::check_headers(&request.headers, format)?;
        verify::verify(&target.config, secrets, &signed).map_err(unauthorized)?;

        let body = match (scheme, request.body.is_empty()) {
            // Google's notifications are all header.
            (Scheme::Google, true) => Json::null(),
            _ => body::parse(&request.body, format)?,
        };
        Ok(match challenge::answer(scheme, &request.headers, &body) {
            Some(text) => Judged::Challenge(text),
            None => Judged::Event(body),
        })
    }

    async fn append(
        &self,
        target: &Target,
        request: &InboundRequest,
        body: Json,
        now: Timestamp,
    ) -> Result<Accepted, AcceptError> {
        let Target {
            hook,
            triggers,
            config,
            ..
        } = target;
        let Identity {
            event_type,
            provider_id,
            occurred_at,
        } = identity::identify(config.scheme, &request.headers, &body);
        let event = NewEvent {
            id: self.store.clock().id(),
            event_type,
            source: source(config.scheme).to_owned(),
            data: body,
            hook_id: Some(hook.id),
            dedupe_key: provider_id.as_ref().map(|id| format!("{}:{id}", hook.id)),
            occurred_at: occurred_at.unwrap_or(now),
            content_type: None,
            dedupe_hash: None,
            channels: Channels::default(),
        };
        let input = scope::trigger(&event, provider_id.as_deref(), config.scheme, request, now)?;
        let runs = triggers
            .iter()
            .map(|trigger| NewRun::of(trigger, self.store.clock().id(), input.clone()));
        let append = Append {
            runs: runs.collect(),
            event,
        };
        let permit = Permit::<PublishEvents>::system(hook.workspace_id, "inbound");
        let appended = self.store.writer().append(&permit, append).await?;
        Ok(Accepted {
            event_id: appended.event_id,
            runs: appended.runs.iter().map(|run| run.id).collect(),
            finished: appended
                .runs
                .into_iter()
                .next()
                .filter(|run| run.status.is_finished())
                .map(Box::new),
            respond: config.respond,
            duplicate: appended.duplicate,
        })
    }

    fn url(&self, request: &InboundRequest) -> String {
        let mut url = self.config.public_url.hook(&request.token);
        if let Some(query) = &request.query {
            url.push('?');
            url.push_str(query);
        }
        url
    }
}

/// What a request turned out to be.
enum Judged {
    Event(Json),
    Challenge(String),
}

/// Who says so: the provider, or `webhook` where the scheme names none.
fn source(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::None | Scheme::Standard | Scheme::HmacSha256 => "webhook",
        provider => provider.as_str(),
    }
}

fn unauthorized(refusal: Refusal) -> Rejected {
    Rejected::new(
        StatusCode::UNAUTHORIZED,
        refusal.code(),
        refusal.to_string(),
    )
}

fn too_large(max_body: usize) -> Rejected {
    let message = format!("the body is larger than the {max_body} bytes that are accepted");
    Rejected::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
}
