//! What each principal may spend on GraphQL, in points of cost.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use jackfield_graphql::{Answer, Code};
use jackfield_storage::access::{Actor, Principal};
use jackfield_storage::ids::WorkspaceId;

/// The headers of draft-ietf-httpapi-ratelimit-headers-10.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// In how many seconds all of a budget is there again.
const WINDOW: u32 = 60;

/// With how many principals it begins to forget those that have not spent anything lately.
const SHRINK_FROM: usize = 10_000;

type Spender = (WorkspaceId, Actor);
type Limiter =
    RateLimiter<Spender, DefaultKeyedStateStore<Spender>, DefaultClock, StateInformationMiddleware>;

/// What each principal may spend, on this node. It comes back evenly over a minute.
pub struct Budget {
    limited: Option<(NonZeroU32, Limiter)>,
    clock: DefaultClock,
}

/// What is left after a request.
pub struct Spent(Option<Left>);

/// Nothing is left for a request.
pub struct Exhausted {
    left: Left,
    wait: Duration,
}

#[derive(Clone, Copy)]
struct Left {
    limit: NonZeroU32,
    points: u32,
}

impl Budget {
    /// Without a limit nothing is counted.
    pub fn new(per_minute: Option<NonZeroU32>) -> Self {
        let limited = per_minute.map(|limit| {
            let limiter = RateLimiter::keyed(Quota::per_minute(limit));
            (limit, limiter.with_middleware())
        });
        Self {
            limited,
            clock: DefaultClock::default(),
        }
    }

    /// Takes what an operation may cost. Who is nobody has no budget: nothing is executed for them that reads or changes.
    ///
    /// # Errors
    ///
    /// When less is left; then nothing is taken.
    pub fn spend(&self, principal: Option<&Principal>, cost: u64) -> Result<Spent, Exhausted> {
        let (Some((limit, limiter)), Some(principal)) = (&self.limited, principal) else {
            return Ok(Spent(None));
        };
        if limiter.len() > SHRINK_FROM {
            limiter.retain_recent();
        }
        let spender = (principal.workspace, principal.actor.clone());
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        let cost = NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN);
        let limit = *limit;
        match limiter.check_key_n(&spender, cost) {
            Ok(Ok(state)) => Ok(Spent(Some(Left {
                limit,
                points: state.remaining_burst_capacity(),
            }))),
            Ok(Err(not_yet)) => Err(Exhausted {
                left: Left { limit, points: 0 },
                wait: not_yet.wait_time_from(self.clock.now()),
            }),
            // One document costs less than the least limit there may be.
            Err(_) => Err(Exhausted {
                left: Left { limit, points: 0 },
                wait: Duration::from_secs(WINDOW.into()),
            }),
        }
    }
}

impl Spent {
    /// Says it in the headers of the response.
    pub fn tell(&self, headers: &mut HeaderMap) {
        if let Some(left) = self.0 {
            left.tell(headers);
        }
    }
}

impl Exhausted {
    /// The answer that says so, and when there will be enough.
    pub fn answer(&self) -> Answer {
        let (limit, seconds) = (self.left.limit, self.seconds());
        let message = format!(
            "This key or user has spent what it may in a minute, {limit} points of cost. Wait {seconds} s, or ask for less at once: \
             `extensions.cost` tells what a request may cost."
        );
        Answer::refused(Code::TooManyRequests, message).waiting(seconds)
    }

    /// Says it in the headers of the response.
    pub fn tell(&self, headers: &mut HeaderMap) {
        self.left.tell(headers);
        headers.insert(RETRY_AFTER, HeaderValue::from(self.seconds()));
    }

    fn seconds(&self) -> u64 {
        self.wait.as_secs() + 1
    }
}

impl Left {
    fn tell(self, headers: &mut HeaderMap) {
        let spent = u64::from(self.limit.get() - self.points.min(self.limit.get()));
        let whole_in = (spent * u64::from(WINDOW)).div_ceil(self.limit.get().into());
        let policy = format!("\"cost\";q={};w={WINDOW}", self.limit);
        let state = format!("\"cost\";r={};t={whole_in}", self.points);
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_storage::Clock;
    use jackfield_storage::access::{Role, Scopes};
    use jackfield_storage::ids::ApiKeyId;

    use super::*;

    fn principal() -> Principal {
        let clock = Clock::system();
        Principal {
            workspace: clock.id(),
            actor: Actor::ApiKey(clock.id::<ApiKeyId>()),
            role: Role::Viewer,
            scopes: Scopes::All,
            session: None,
        }
    }

    #[test]
    fn each_principal_spends_its_own() {
        let budget = Budget::new(NonZeroU32::new(100_000));
        let (one, other) = (principal(), principal());

        let spent = budget.spend(Some(&one), 60_000).ok().unwrap();
        let refused = budget.spend(Some(&one), 60_000).err().unwrap();
        assert!(budget.spend(Some(&other), 60_000).is_ok());

        let mut headers = HeaderMap::new();
        spent.tell(&mut headers);
        insta::assert_compact_debug_snapshot!(headers, @r#"{"ratelimit-policy": "\"cost\";q=100000;w=60", "ratelimit": "\"cost\";r=40000;t=36"}"#);
        assert!(refused.seconds() <= 13);
    }

    #[test]
    fn without_a_limit_nothing_is_told() {
        let mut headers = HeaderMap::new();
        let spent = Budget::new(None).spend(Some(&principal()), 100_000);
        spent.ok().unwrap().tell(&mut headers);
        assert!(headers.is_empty());
    }
}
