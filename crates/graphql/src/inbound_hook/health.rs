use async_graphql::{Context, Result, SimpleObject};
use jackfield_storage::ids::InboundHookId;
use jiff::SignedDuration;

use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::scalars::{DateTime, Duration};

const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
const DEFAULT: SignedDuration = SignedDuration::from_hours(24);

/// What became of the requests to a hook.
#[derive(SimpleObject)]
pub struct InboundHookHealth {
    /// The instant from which on requests are counted.
    since: DateTime,
    /// Those that brought an event.
    accepted: i64,
    /// Those that were refused: not believed, not readable, too large or too many.
    rejected: i64,
    /// Those whose event was there already.
    duplicates: i64,
}

impl InboundHookHealth {
    pub async fn load(
        ctx: &Context<'_>,
        id: InboundHookId,
        window: Option<Duration>,
    ) -> Result<Self> {
        let window = window.map_or(DEFAULT, |window| window.0);
        if !(SHORTEST..=LONGEST).contains(&window) {
            return Err(Code::BadUserInput.error("`window` must be from PT1M to P7D."));
        }
        let found = ctx.loaders()?.hook_health.load((id, window)).await?;
        let (since, health) = found.ok_or_else(|| internal("the health was not looked for"))?;
        Ok(Self {
            since: since.into(),
            accepted: health.accepted,
            rejected: health.rejected,
            duplicates: health.duplicates,
        })
    }
}
