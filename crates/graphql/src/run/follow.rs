use async_graphql::{Context, ID, Object, Result, Subscription};
use futures_util::{Stream, StreamExt};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::RunId;
use jackfield_storage::{Change, Cursor, Elsewhere, Store, run, step};

use super::Run;
use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::event::position;
use crate::follow::{self, Source, follow};
use crate::step::Step;

/// The subscription `runUpdates`.
#[derive(Default)]
pub struct FollowRun;

/// A change of a run or of one of its steps.
struct RunUpdate {
    position: i64,
    run: RunId,
    changed: Changed,
}

/// What changed.
enum Changed {
    Run(run::Run),
    Step(step::Step),
}

/// A change of a run or of one of its steps.
#[Object]
impl RunUpdate {
    /// The place among the changes: passed as `after`, it goes on after this one.
    async fn cursor(&self) -> String {
        Cursor::position(self.position).to_string()
    }

    /// The run.
    async fn run(&self, ctx: &Context<'_>) -> Result<Run> {
        if let Changed::Run(run) = &self.changed {
            return Ok(Run(run.clone()));
        }
        let found = ctx.loaders()?.run.load(self.run).await?;
        found
            .map(Run)
            .ok_or_else(|| internal("a run that is followed is gone"))
    }

    /// The step that changed; null when the run itself did.
    async fn step(&self) -> Option<Step> {
        match &self.changed {
            Changed::Run(_) => None,
            Changed::Step(step) => Some(Step(step.clone())),
        }
    }
}

#[Subscription]
impl FollowRun {
    /// How a run goes on: its present state, then each change of it and of its steps, without a gap. Completes when the run is over.
    ///
    /// What changed several times between the cursor and now is shown once, as it is now.
    async fn run_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The run.")] run_id: ID,
        #[graphql(
            desc = "The cursor after which to start; with none, it starts with everything there is of the run."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<RunUpdate>>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let changes = store.changes();
        let position = after.as_deref().map_or(Ok(0), position)?;
        let not_found = || Code::NotFound.error("There is no such run in this workspace.");
        let run = run_id.parse().map_err(|_| not_found())?;
        run::find(store.reader(), &permit, run)
            .await
            .map_err(internal)?
            .ok_or_else(not_found)?;
        let updates = follow(RunChanges { store, permit, run }, changes, position, true);
        Ok(updates.map(move |update| {
            update.map(|(position, changed)| RunUpdate {
                position,
                run,
                changed,
            })
        }))
    }
}

struct RunChanges {
    store: Store,
    permit: Permit<Read>,
    run: RunId,
}

impl Source for RunChanges {
    type Item = Changed;

    async fn read(&self, after: i64) -> Result<follow::Read<Changed>> {
        // What is committed while this reads has a higher position than the head, and the feed tells it.
        let head = self.store.head().await.map_err(internal)?;
        let run = run::find(self.store.reader(), &self.permit, self.run)
            .await
            .map_err(internal)?;
        let steps = step::changes_after(self.store.reader(), &self.permit, self.run, after)
            .await
            .map_err(internal)?;
        let run = run.filter(|run| run.revision <= head);
        let ended = run.as_ref().is_some_and(|run| run.status.is_finished());
        let steps = steps.into_iter().filter(|step| step.revision <= head);
        let mut items: Vec<_> = steps
            .map(|step| (step.revision, Changed::Step(step)))
            .collect();
        items.extend(
            run.filter(|run| run.revision > after)
                .map(|run| (run.revision, Changed::Run(run))),
        );
        items.sort_by_key(|(position, _)| *position);
        Ok(follow::Read {
            items,
            more: false,
            ended,
        })
    }

    fn see(&self, change: &Change) -> Option<Changed> {
        match change {
            Change::Run(run) if run.id == self.run => Some(Changed::Run(run::Run::clone(run))),
            Change::Step(step) if step.run_id == self.run => {
                Some(Changed::Step(step::Step::clone(step)))
            }
            _ => None,
        }
    }

    fn may_see(&self, elsewhere: &Elsewhere) -> bool {
        elsewhere.may_have_run(self.run)
    }

    fn is_last(&self, item: &Changed) -> bool {
        matches!(item, Changed::Run(run) if run.status.is_finished())
    }
}
