//! Limited workflows: who begins, and who waits.

use anyhow::{Context, Result};
use jackfield_storage::{
    Advance, Claim, Start,
    access::{Read, StartRuns},
    ids::{RunId, WorkflowId},
    run::{self, Concurrency, OnFull, Priority, Run, RunStatus, Slot},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::{SECOND, Sample};

on_both_engines!(
    runs_beyond_the_limit_wait_in_order,
    the_urgent_gets_the_slot_first,
    a_run_without_room_is_dropped,
    the_oldest_makes_room,
    a_new_limit_holds_at_once,
    a_repeated_start_takes_no_slot,
);

/// Starts a run of a limited workflow.
async fn start(
    sample: &Sample,
    workflow: WorkflowId,
    limit: i32,
    on_full: OnFull,
    priority: Priority,
) -> Result<Run> {
    let mut start = sample.start(None);
    start.run.workflow_id = workflow;
    start.run.priority = priority;
    start.run.concurrency = Some(Concurrency {
        limit,
        key: None,
        on_full,
    });
    let permit = sample.permit::<StartRuns>();
    let started = sample.store.writer().start(&permit, start).await?;
    started.run.context("the run is new")
}

async fn queue(sample: &Sample, workflow: WorkflowId, limit: i32) -> Result<Run> {
    start(sample, workflow, limit, OnFull::Queue, Priority::Normal).await
}

async fn claim(sample: &Sample) -> Result<Vec<Run>> {
    let claim = Claim {
        owner: "here".to_owned(),
        lease: 30 * SECOND,
        limit: 10,
    };
    Ok(sample.store.writer().claim(claim).await?)
}

async fn finish(sample: &Sample, mut run: Run) -> Result<Run> {
    run.finish(RunStatus::Succeeded, sample.clock.now());
    let advance = Advance {
        run,
        steps: Vec::new(),
        blobs: Vec::new(),
        uses: Vec::new(),
        besides: Default::default(),
    };
    Ok(sample.store.writer().advance(advance).await?)
}

async fn find(sample: &Sample, id: RunId) -> Result<Run> {
    let permit = sample.permit::<Read>();
    let found = run::find(sample.store.reader(), &permit, id).await?;
    found.context("the run is there")
}

fn ids(runs: &[Run]) -> Vec<RunId> {
    runs.iter().map(|run| run.id).collect()
}

async fn runs_beyond_the_limit_wait_in_order(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let workflow = sample.clock.id();
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(queue(&sample, workflow, 2).await?);
    }
    let slots: Vec<_> = runs.iter().filter_map(|run| run.slot).collect();
    assert_eq!(slots[..2], [Slot::Held; 2]);
    assert_eq!(slots[2..], [Slot::Wanted; 3]);
    let mut begun = claim(&sample).await?;
    assert_eq!(ids(&begun), ids(&runs[..2]));

    // One that only waits for something counts on.
    let mut waiting = begun.remove(1);
    waiting.wait(None);
    let advance = Advance {
        run: waiting,
        steps: Vec::new(),
        blobs: Vec::new(),
        uses: Vec::new(),
        besides: Default::default(),
    };
    sample.store.writer().advance(advance).await?;
    assert_eq!(claim(&sample).await?, []);

    for expected in &runs[2..] {
        let over = finish(&sample, begun.remove(0)).await?;
        assert_eq!(find(&sample, over.id).await?.slot, None);
        begun = claim(&sample).await?;
        assert_eq!(ids(&begun), [expected.id]);
    }
    let other = queue(&sample, sample.clock.id(), 2).await?;
    assert_eq!(other.slot, Some(Slot::Held));
    sample.store.close().await;
    Ok(())
}

async fn the_urgent_gets_the_slot_first(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let workflow = sample.clock.id();
    for priority in [Priority::Normal, Priority::Low, Priority::High] {
        start(&sample, workflow, 1, OnFull::Queue, priority).await?;
    }
    let mut order = Vec::new();
    while let Some(run) = claim(&sample).await?.pop() {
        order.push(run.priority);
        finish(&sample, run).await?;
    }
    assert_eq!(order, [Priority::Normal, Priority::High, Priority::Low]);
    sample.store.close().await;
    Ok(())
}

async fn a_run_without_room_is_dropped(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let workflow = sample.clock.id();
    let first = start(&sample, workflow, 1, OnFull::Drop, Priority::Normal).await?;
    let dropped = start(&sample, workflow, 1, OnFull::Drop, Priority::Normal).await?;
    assert_eq!(dropped.status, RunStatus::Cancelled);
    let error = dropped.error.clone().context("it says why")?.value();
    assert_eq!(error["code"], run::NO_ROOM);
    assert_eq!(find(&sample, dropped.id).await?, dropped);
    assert_eq!(ids(&claim(&sample).await?), [first.id]);
    sample.store.close().await;
    Ok(())
}

async fn the_oldest_makes_room(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let workflow = sample.clock.id();
    let cancel = OnFull::CancelOldest;
    let unbegun = start(&sample, workflow, 1, cancel, Priority::Normal).await?;
    let second = start(&sample, workflow, 1, cancel, Priority::Normal).await?;
    assert_eq!(
        find(&sample, unbegun.id).await?.status,
        RunStatus::Cancelled
    );
    assert_eq!(second.slot, Some(Slot::Held));

    let working = claim(&sample).await?.remove(0);
    assert_eq!(working.id, second.id);
    let third = start(&sample, workflow, 1, cancel, Priority::Normal).await?;
    let told = find(&sample, second.id).await?;
    assert_eq!((told.slot, told.signal), (Some(Slot::Leaving), 1));
    assert_eq!(third.slot, Some(Slot::Wanted));

    // The newest of all takes the place of the one that waits.
    let fourth = start(&sample, workflow, 1, cancel, Priority::Normal).await?;
    assert_eq!(find(&sample, third.id).await?.status, RunStatus::Cancelled);
    assert_eq!(claim(&sample).await?, []);
    finish(&sample, working).await?;
    assert_eq!(ids(&claim(&sample).await?), [fourth.id]);
    sample.store.close().await;
    Ok(())
}

async fn a_new_limit_holds_at_once(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let workflow: WorkflowId = sample.clock.id();
    for _ in 0..5 {
        queue(&sample, workflow, 1).await?;
    }
    let begun = claim(&sample).await?;
    assert_eq!(begun.len(), 1);
    for (limit, more) in [(Some(3), 2), (None, 2)] {
        let permit = sample.permit::<StartRuns>();
        let writer = sample.store.writer();
        writer
            .call(&permit, move |call| {
                Box::pin(run::relimit(call, workflow, limit))
            })
            .await?;
        assert_eq!(claim(&sample).await?.len(), more);
    }
    sample.store.close().await;
    Ok(())
}

async fn a_repeated_start_takes_no_slot(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let mut first = sample.start(Some("once"));
    first.run.concurrency = Some(Concurrency {
        limit: 2,
        key: None,
        on_full: OnFull::Queue,
    });
    let again = Start {
        run: jackfield_storage::NewRun {
            id: sample.clock.id(),
            ..first.run.clone()
        },
        ..first.clone()
    };
    let workflow = first.run.workflow_id;
    let first = sample.store.writer().start(&permit, first).await?;
    let again = sample.store.writer().start(&permit, again).await?;
    assert_eq!((again.run_id, again.duplicate), (first.run_id, true));
    let second = queue(&sample, workflow, 2).await?;
    assert_eq!(second.slot, Some(Slot::Held));
    sample.store.close().await;
    Ok(())
}
