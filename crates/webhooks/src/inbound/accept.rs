//! The way of a webhook from the request to the event log.

use http::{Method, StatusCode};
use jackfield_connected_apps::{SealError, Secret};
use jackfield_plugin_host::messages::CallError;
use jackfield_storage::{
    Json, StorageError, Timestamp, hook_health::Verdict, inbound_hook::Scheme,
};

use super::{
    Inbound,
    acknowledge::acknowledgement,
    append::Happened,
    body, challenge,
    plugin::Handed,
    reject::Trace,
    request::{Accepted, Answer, InboundRequest, Rejected, Reply},
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
    /// The plugin that was to read the request has failed.
    #[error("the plugin could not read the request: {0}")]
    Plugin(#[from] CallError),
}

/// What a request turned out to be.
pub(super) enum Judged {
    /// It tells of these events; of none when it concerns nobody.
    Events(Vec<Happened>, Option<Reply>),
    /// The same, where the triggers that listen have said so themselves.
    Heard(Vec<Happened>, Option<Reply>),
    Challenge(Reply),
}

impl Inbound {
    /// Verifies a request, stores its event with the runs that it starts, and says what to answer.
    ///
    /// It returns after the commit. A rejection of a known hook leaves a trace that its workflow's owner can read.
    pub async fn accept(&self, request: InboundRequest) -> Result<Answer, AcceptError> {
        let now = self.store.clock().now();
        let Some(target) = self.target(&request.token, now).await? else {
            return Ok(Answer::Rejected(Rejected::unknown()));
        };
        if !target.is_open() {
            return Ok(Answer::Rejected(target.gone()));
        }
        let (happened, reply) = match self.judge(&target, &request, now).await? {
            Ok(Judged::Events(happened, reply)) if !target.listeners.is_empty() => {
                // A future of its own, for few apps have such triggers.
                let handed = Handed::of(self.url(&request), &request);
                let heard = Box::pin(self.listen(&target, &handed, happened, now));
                let (happened, said) = heard.await?;
                (happened, said.or(reply))
            }
            Ok(Judged::Events(happened, reply) | Judged::Heard(happened, reply)) => {
                (happened, reply)
            }
            Ok(Judged::Challenge(reply)) => return Ok(Answer::Challenge(reply)),
            Err(rejected) => {
                self.counts.count(&target.hook, now, Verdict::Rejected);
                let trace = Trace::of_rejected(&rejected, request.body.len());
                Box::pin(self.trace(&target.hook, trace, now)).await;
                return Ok(Answer::Rejected(rejected));
            }
        };
        let reply = reply.or_else(|| acknowledgement(target.config.scheme));
        self.take(&target, &request, (happened, reply), now).await
    }

    /// Stores what happened, and says what to answer.
    async fn take(
        &self,
        target: &Target,
        request: &InboundRequest,
        (happened, reply): (Vec<Happened>, Option<Reply>),
        now: Timestamp,
    ) -> Result<Answer, AcceptError> {
        let accepted = self.append(target, request, happened, now).await?;
        let Some(accepted) = accepted else {
            return Ok(Answer::Challenge(reply.unwrap_or_default()));
        };
        if let Some(trace) = self.take_note(target, &accepted, request.body.len(), now) {
            Box::pin(self.trace(&target.hook, trace, now)).await;
        }
        Ok(Answer::Accepted(Accepted { reply, ..accepted }))
    }

    /// Counts what was accepted; of a repeat a trace is to be left.
    fn take_note(
        &self,
        target: &Target,
        accepted: &Accepted,
        size: usize,
        now: Timestamp,
    ) -> Option<Trace> {
        let verdict = match accepted.duplicate {
            true => Verdict::Duplicate,
            false => Verdict::Accepted,
        };
        self.counts.count(&target.hook, now, verdict);
        let repeat = || Trace::of_repeat(accepted.event_id, size);
        accepted.duplicate.then(repeat)
    }

    async fn judge(
        &self,
        target: &Target,
        request: &InboundRequest,
        now: Timestamp,
    ) -> Result<Result<Judged, Rejected>, AcceptError> {
        if let Err(rejected) = self.admit(target, request, now) {
            return Ok(Err(rejected));
        }
        match (target.config.scheme, &target.app) {
            // A future of its own, like those of everything rare: the usual way is moved about with each request.
            (Scheme::Plugin, Some(app)) if self.apps.provider_reads(&app.provider) => {
                Box::pin(self.ask_plugin(target, app, request, now)).await
            }
            (Scheme::Plugin, Some(app)) => {
                Box::pin(self.judge_by_listeners(target, app, request, now)).await
            }
            _ => Ok(self.judge_here(target, request, now)),
        }
    }

    /// Everything that can be said about a request without writing.
    fn judge_here(
        &self,
        target: &Target,
        request: &InboundRequest,
        now: Timestamp,
    ) -> Result<Judged, Rejected> {
        let scheme = target.config.scheme;
        let secrets = target.secrets(now);
        let url = self.url(request);
        let signed = Signed {
            url: &url,
            query: request.query.as_deref(),
            headers: &request.headers,
            body: &request.body,
            now,
        };
        if request.method != Method::POST {
            return probe(target, secrets, request, &signed);
        }
        let format = body::format(&target.config, &request.headers);
        body::check_headers(&request.headers, format)?;
        verify::verify(&target.config, secrets, &signed).map_err(unauthorized)?;

        let body = match (scheme, request.body.is_empty()) {
            // Google's notifications are all header.
            (Scheme::Google, true) => Json::null(),
            _ => body::parse(&request.body, format)?,
        };
        Ok(match challenge::answer(scheme, &request.headers, &body) {
            Some(text) => Judged::Challenge(text.into()),
            None => Judged::Events(vec![Happened::read(target, request, body)], None),
        })
    }

    pub(super) fn url(&self, request: &InboundRequest) -> String {
        let mut url = self.config.public_url.hook(&request.token);
        if let Some(query) = &request.query {
            url.push('?');
            url.push_str(query);
        }
        url
    }
}

fn probe(
    target: &Target,
    secrets: &[Secret],
    request: &InboundRequest,
    signed: &Signed<'_>,
) -> Result<Judged, Rejected> {
    let probed = challenge::probe(&target.config, secrets, &request.method, signed);
    let probed =
        probed.ok_or_else(|| Rejected::method(challenge::methods(target.config.scheme)))?;
    probed
        .map(|text| Judged::Challenge(text.into()))
        .map_err(unauthorized)
}

fn unauthorized(refusal: Refusal) -> Rejected {
    Rejected::new(
        StatusCode::UNAUTHORIZED,
        refusal.code(),
        refusal.to_string(),
    )
}
