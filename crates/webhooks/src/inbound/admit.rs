//! What is asked of a request before anything is computed for it.

use http::StatusCode;
use jackfield_storage::{Timestamp, hook_health::Verdict};

use super::{
    Inbound,
    reject::Trace,
    request::{InboundRequest, Rejected},
    target::Target,
};

impl Inbound {
    /// Whether the request comes from where it may, is not too large, and is not one too many.
    pub(super) fn admit(
        &self,
        target: &Target,
        request: &InboundRequest,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let allowed = &target.config.allow_from;
        let is_allowed = |from| allowed.iter().any(|network| network.contains(&from));
        if !allowed.is_empty() && !request.from.is_some_and(is_allowed) {
            let message = "this webhook takes nothing from your address";
            let rejected = Rejected::new(StatusCode::FORBIDDEN, "FORBIDDEN_ADDRESS", message);
            let from = request.from.map(|from| from.to_string());
            let detail = format!(
                "`allowFrom` does not have the sender's address {}",
                from.as_deref().unwrap_or("(unknown)")
            );
            return Err(rejected.detailed(detail));
        }
        let own = target.config.max_bytes.map(|bytes| bytes as usize);
        let max_body = own.map_or(self.config.max_body, |own| own.min(self.config.max_body));
        if request.body.len() > max_body {
            return Err(too_large(max_body));
        }
        let most = target.config.max_per_second.or(self.config.max_per_second);
        let Some(most) = most else {
            return Ok(());
        };
        self.rates
            .admit(target.hook.id, most, now)
            .map_err(|seconds| too_many(most, seconds))
    }
}

impl Inbound {
    /// Takes note of a request whose body was refused before it was read.
    pub async fn refuse_too_large(&self, token: &str) {
        let now = self.store.clock().now();
        // Whoever sends to nobody, or while the database cannot be read, leaves no trace.
        let Ok(Some(target)) = self.target(token, now).await else {
            return;
        };
        if target.is_open() {
            let rejected = too_large(self.config.max_body);
            self.counts.count(&target.hook, now, Verdict::Rejected);
            let trace = Trace::of_rejected(&rejected, self.config.max_body);
            self.trace(&target.hook, trace, now).await;
        }
    }
}

fn too_large(max_body: usize) -> Rejected {
    let message = format!("the body is larger than the {max_body} bytes that are accepted");
    Rejected::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
}

fn too_many(most: u32, seconds: u64) -> Rejected {
    let message = format!("this webhook takes at most {most} requests a second");
    let rejected = Rejected::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", message);
    Rejected {
        retry_after: Some(seconds),
        ..rejected
    }
}
