use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;
use jackfield_storage::replay::ReplayStatus;

use super::Replay;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::webhook_endpoint::outcome;

/// The mutation `pauseReplay`.
#[derive(Default)]
pub struct PauseReplay;

/// The mutation `resumeReplay`.
#[derive(Default)]
pub struct ResumeReplay;

/// The mutation `cancelReplay`.
#[derive(Default)]
pub struct CancelReplay;

/// What `pauseReplay` takes.
#[derive(InputObject)]
struct PauseReplayInput {
    /// The replay.
    replay_id: ID,
}

/// What `pauseReplay` answers.
#[derive(SimpleObject)]
struct PauseReplayPayload {
    /// The replay; null when there are user errors.
    replay: Option<Replay>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What `resumeReplay` takes.
#[derive(InputObject)]
struct ResumeReplayInput {
    /// The replay.
    replay_id: ID,
}

/// What `resumeReplay` answers.
#[derive(SimpleObject)]
struct ResumeReplayPayload {
    /// The replay; null when there are user errors.
    replay: Option<Replay>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What `cancelReplay` takes.
#[derive(InputObject)]
struct CancelReplayInput {
    /// The replay.
    replay_id: ID,
}

/// What `cancelReplay` answers.
#[derive(SimpleObject)]
struct CancelReplayPayload {
    /// The replay; null when there are user errors.
    replay: Option<Replay>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl PauseReplay {
    /// Has a replay wait. What it has sent on its way arrives all the same.
    async fn pause_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which replay.")] input: PauseReplayInput,
    ) -> Result<PauseReplayPayload> {
        let (replay, user_errors) = set(ctx, &input.replay_id, ReplayStatus::Paused).await?;
        Ok(PauseReplayPayload {
            replay,
            user_errors,
        })
    }
}

#[Object]
impl ResumeReplay {
    /// Lets a replay go on.
    async fn resume_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which replay.")] input: ResumeReplayInput,
    ) -> Result<ResumeReplayPayload> {
        let (replay, user_errors) = set(ctx, &input.replay_id, ReplayStatus::Running).await?;
        Ok(ResumeReplayPayload {
            replay,
            user_errors,
        })
    }
}

#[Object]
impl CancelReplay {
    /// Ends a replay. What it has sent on its way arrives all the same.
    async fn cancel_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which replay.")] input: CancelReplayInput,
    ) -> Result<CancelReplayPayload> {
        let (replay, user_errors) = set(ctx, &input.replay_id, ReplayStatus::Cancelled).await?;
        Ok(CancelReplayPayload {
            replay,
            user_errors,
        })
    }
}

async fn set(
    ctx: &Context<'_>,
    id: &ID,
    status: ReplayStatus,
) -> Result<(Option<Replay>, Vec<UserError>)> {
    let permit = ctx.permit::<ManageWebhooks>()?;
    let Ok(id) = id.parse() else {
        return Ok((None, vec![unknown_replay()]));
    };
    let set = ctx.services()?.outbound.set_replay(&permit, id, status);
    let (row, user_errors) = outcome(set.await, unknown_replay)?;
    Ok((row.map(Replay), user_errors))
}

fn unknown_replay() -> UserError {
    UserError::not_found("replayId", "replay")
}
