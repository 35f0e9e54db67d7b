use async_graphql::{Result, SimpleObject};
use jackfield_storage::inbound_hook;
use jackfield_webhooks::inbound::HookError;
use jiff::SignedDuration;

use super::InboundHook;
use crate::errors::{UserError, internal};
use crate::scalars::Duration;

/// The longest overlap, in hours.
const LONGEST: i64 = 7 * 24;

/// What the mutations of hooks answer.
#[derive(SimpleObject)]
pub struct InboundHookPayload {
    /// The hook; null when there are user errors.
    inbound_hook: Option<InboundHook>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl InboundHookPayload {
    /// Nothing was done.
    pub fn refused(error: UserError) -> Self {
        Self {
            inbound_hook: None,
            user_errors: vec![error],
        }
    }

    /// Tells what the caller has to change from what went wrong inside.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when it is not the caller's doing.
    pub fn of(
        result: Result<inbound_hook::InboundHook, HookError>,
        unknown: impl FnOnce() -> UserError,
    ) -> Result<Self> {
        match result {
            Ok(hook) => Ok(Self {
                inbound_hook: Some(InboundHook(hook)),
                user_errors: Vec::new(),
            }),
            Err(HookError::Rejected(problems)) => Ok(Self {
                inbound_hook: None,
                user_errors: problems.into_iter().map(UserError::from).collect(),
            }),
            Err(HookError::NotFound) => Ok(Self::refused(unknown())),
            Err(error) => Err(internal(error)),
        }
    }
}

/// The user error for an id that stands for no hook.
pub fn unknown_hook() -> UserError {
    UserError::not_found("inboundHookId", "hook")
}

/// For how long what is replaced stays good.
pub fn overlap(given: Option<Duration>) -> Result<std::time::Duration, UserError> {
    let Some(Duration(given)) = given else {
        return Ok(jackfield_webhooks::inbound::OVERLAP);
    };
    match (SignedDuration::ZERO..=SignedDuration::from_hours(LONGEST)).contains(&given) {
        true => Ok(given.unsigned_abs()),
        false => Err(UserError::invalid(
            "overlap",
            "An overlap is from PT0S to P7D.",
        )),
    }
}
