//! Starts the runs of `schedule` triggers.
//!
//! Every node watches the clock. For each instant a run is started with an idempotency key made of it, so that however
//! many nodes try, and whenever one of them dies, there is one run for it.

use std::sync::Arc;
use std::time::Duration;

use jackfield_storage::access::{EditWorkflows, Permit, StartRuns};
use jackfield_storage::trigger::{self, Trigger};
use jackfield_storage::{Change, Changes, Json, NewRun, Start, StorageError, Store, Timestamp};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::note_error;
use crate::nodes::schedule::{MOST, Missed, Schedule};
use crate::workflow::Workflows;

/// An instant is not missed before it is so long ago.
const GRACE: Duration = Duration::from_secs(15);

/// How often the rows are looked at without a reason.
const POLL: Duration = Duration::from_secs(30);

/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// How many triggers are looked at at once.
const BATCH: u64 = 200;

/// Starts runs when their time has come, until it is stopped.
pub struct Schedules {
    store: Store,
    changes: Changes,
}

/// Running schedules. Dropping it stops them.
pub struct SchedulesHandle(JoinHandle<()>);

impl Drop for SchedulesHandle {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What expressions see as `trigger`.
#[derive(Serialize)]
struct Input<'a> {
    body: Body<'a>,
    headers: Empty,
    query: Empty,
    event: Option<()>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    scheduled_for: Timestamp,
    time_zone: &'a str,
    missed: bool,
}

impl Schedules {
    /// Begins to watch the clock. Must be called within a tokio runtime.
    pub fn start(workflows: &Workflows) -> SchedulesHandle {
        let store = workflows.0.store.clone();
        let schedules = Schedules {
            changes: store.changes(),
            store,
        };
        SchedulesHandle(tokio::spawn(schedules.run()))
    }

    async fn run(mut self) {
        loop {
            let wait = match self.fire_all().await {
                Ok(next) => {
                    next.map_or(POLL, |next| next.since(self.store.clock().now()).min(POLL))
                }
                Err(error) => {
                    tracing::error!(%error, "schedules cannot be looked at; they are again soon");
                    AGAIN
                }
            };
            let until = Instant::now() + wait + Duration::from_millis(1);
            loop {
                tokio::select! {
                    () = sleep_until(until) => break,
                    changed = self.changes.recv() => match changed {
                        Ok(batch) if batch.iter().any(concerns) => break,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_)) => break,
                        Err(RecvError::Closed) => return,
                    }
                }
            }
        }
    }

    /// Starts all that is due. Returns when the next is.
    async fn fire_all(&self) -> Result<Option<Timestamp>, StorageError> {
        loop {
            let now = self.store.clock().now();
            let due = trigger::due(self.store.reader(), now, BATCH).await?;
            if due.is_empty() {
                return trigger::next_tick(self.store.reader()).await;
            }
            for trigger in due {
                self.fire(Arc::new(trigger), now).await?;
            }
        }
    }

    async fn fire(&self, trigger: Arc<Trigger>, now: Timestamp) -> Result<(), StorageError> {
        let schedule = match Schedule::read(&trigger.config) {
            Ok(schedule) => schedule,
            Err(error) => {
                self.move_on(&trigger, None).await?;
                note_error(self.store.clone(), trigger, error).await;
                return Ok(());
            }
        };
        let first = trigger.next_at.unwrap_or(now);
        for (tick, missed) in ticks(&schedule, first, now) {
            self.start_run(&trigger, &schedule, tick, missed).await?;
        }
        self.move_on(&trigger, schedule.after(now)).await
    }

    async fn start_run(
        &self,
        trigger: &Trigger,
        schedule: &Schedule,
        tick: Timestamp,
        missed: bool,
    ) -> Result<(), StorageError> {
        let input = Json::of(&Input {
            body: Body {
                scheduled_for: tick,
                time_zone: schedule.time_zone(),
                missed,
            },
            headers: Empty {},
            query: Empty {},
            event: None,
        });
        let start = Start {
            run: NewRun::of(
                trigger,
                self.store.clock().id(),
                // What is made of text and numbers is JSON.
                input.unwrap_or_else(|_| Json::null()),
            ),
            idempotency_key: Some(format!(
                "schedule:{}:{}:{tick}",
                trigger.workflow_id, trigger.node_key
            )),
        };
        let permit = Permit::<StartRuns>::system(trigger.workspace_id, "schedules");
        let started = self.store.writer().start(&permit, start).await?;
        if !started.duplicate {
            tracing::debug!(run = %started.run_id, workflow = %trigger.workflow_id, %tick, "a schedule started a run");
        }
        Ok(())
    }

    async fn move_on(
        &self,
        trigger: &Arc<Trigger>,
        next: Option<Timestamp>,
    ) -> Result<(), StorageError> {
        let permit = Permit::<EditWorkflows>::system(trigger.workspace_id, "schedules");
        let trigger = trigger.clone();
        self.store
            .writer()
            .call(&permit, move |call| {
                Box::pin(async move { trigger::move_tick(call.db(), &trigger, next).await })
            })
            .await
            .map(drop)
    }
}

fn concerns(change: &Change) -> bool {
    match change {
        Change::Workflow(_) => true,
        Change::Elsewhere(what) => what.may_have_workflows(),
        _ => false,
    }
}

/// The instants from `first` to `now` for which a run is started, and whether each was missed.
fn ticks(schedule: &Schedule, first: Timestamp, now: Timestamp) -> Vec<(Timestamp, bool)> {
    let mut ticks: Vec<_> = schedule
        .between(first, now, MOST)
        .into_iter()
        .map(|tick| (tick, now.since(tick) > GRACE))
        .collect();
    let missed = ticks.iter().take_while(|(_, missed)| *missed).count();
    let dropped = match schedule.missed {
        Missed::Skip => missed,
        // What is on time makes up for what is not.
        Missed::Once if missed < ticks.len() => missed,
        Missed::Once => missed.saturating_sub(1),
        Missed::All => 0,
    };
    ticks.drain(..dropped);
    ticks
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}Z")
            .parse::<jiff::Timestamp>()
            .unwrap()
            .into()
    }

    fn fired(missed: &str, first: &str, now: &str) -> Vec<String> {
        let config = json!({"cron": "*/5 * * * *", "missed": missed});
        let schedule = Schedule::read(&config.into()).unwrap();
        ticks(&schedule, at(first), at(now))
            .iter()
            .map(|(tick, missed)| {
                format!(
                    "{}{}",
                    &tick.to_string()[11..16],
                    if *missed { " late" } else { "" }
                )
            })
            .collect()
    }

    #[test]
    fn an_instant_on_time_is_fired_whatever_the_policy() {
        for missed in ["skip", "once", "all"] {
            assert_eq!(fired(missed, "10:05:00", "10:05:00.2"), ["10:05"]);
        }
    }

    #[test]
    fn missed_instants_are_what_the_policy_says() {
        let down = |missed| fired(missed, "10:05:00", "10:22:00");
        assert_eq!(down("skip"), [""; 0]);
        assert_eq!(down("once"), ["10:20 late"]);
        assert_eq!(
            down("all"),
            ["10:05 late", "10:10 late", "10:15 late", "10:20 late"]
        );
        // Back just in time for the next one.
        assert_eq!(fired("once", "10:05:00", "10:20:01"), ["10:20"]);
    }
}
