use async_graphql::{Context, Result, SimpleObject};
use jackfield_storage::ids::WebhookEndpointId;
use jiff::SignedDuration;

use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::scalars::{DateTime, Duration};

const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
const DEFAULT: SignedDuration = SignedDuration::from_hours(24);

/// How well an endpoint does.
#[derive(SimpleObject)]
pub struct EndpointHealth {
    /// The instant from which on attempts are counted.
    since: DateTime,
    /// How many attempts were made.
    attempts: i64,
    /// How many of them have failed.
    failures: i64,
    /// The part of the attempts that the endpoint has taken, from 0 to 1; null without attempts.
    success_rate: Option<f64>,
    /// Half of the attempts have taken no longer, in milliseconds, give or take a twentieth; null without attempts.
    p50_ms: Option<f64>,
    /// 95 % of the attempts have taken no longer, in milliseconds, give or take a twentieth; null without attempts.
    p95_ms: Option<f64>,
}

impl EndpointHealth {
    pub async fn load(
        ctx: &Context<'_>,
        id: WebhookEndpointId,
        window: Option<Duration>,
    ) -> Result<Self> {
        let window = window.map_or(DEFAULT, |window| window.0);
        if !(SHORTEST..=LONGEST).contains(&window) {
            return Err(Code::BadUserInput.error("`window` must be from PT5M to P31D."));
        }
        let found = ctx.loaders()?.endpoint_health.load((id, window)).await?;
        let (since, health) = found.ok_or_else(|| internal("the health was not looked for"))?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of attempts are far below 2^52"
        )]
        let rate = health.succeeded as f64 / health.attempts as f64;
        Ok(Self {
            since: since.into(),
            attempts: health.attempts,
            failures: health.attempts - health.succeeded,
            success_rate: (health.attempts > 0).then_some(rate),
            p50_ms: health.percentile(0.5),
            p95_ms: health.percentile(0.95),
        })
    }
}
