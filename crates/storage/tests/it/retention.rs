//! History goes when its time has come, and so does the room that it took.

use std::time::Duration;

use anyhow::Result;
use jackfield_storage::{
    Advance, Append, Besides, Claim, Json, NewEvent,
    access::{ManageApps, ManageWorkspace, PublishEvents, Read, ReadAuditLog, StartRuns},
    audit_log::{self, AuditFilter},
    credential_use::{self, CredentialUse, UseFilter, UsePurpose},
    event,
    page::Page,
    retention::{Retention, Swept},
    run::{self, RunFilter, RunStatus},
    step::{self, StepStatus},
    workspace::{self, Rules},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::{SECOND, Sample};

on_both_engines!(
    runs_go_after_their_time_with_their_steps,
    a_workflow_keeps_its_latest_runs,
    events_go_after_their_time_and_positions_go_on,
    entries_of_the_audit_log_go_after_their_time,
    uses_of_credentials_outlive_runs_and_go_after_their_time,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Starts and ends some runs of one workflow; leaves the last one queued.
async fn ended_runs(sample: &Sample, count: usize) -> Result<Vec<run::Run>> {
    let writer = sample.store.writer();
    let workflow = sample.clock.id();
    for _ in 0..count {
        let mut start = sample.start(None);
        start.run.workflow_id = workflow;
        writer.start(&sample.permit::<StartRuns>(), start).await?;
    }
    let claim = Claim {
        owner: "here".to_owned(),
        lease: 30 * SECOND,
        limit: count as u64,
    };
    let mut ended = Vec::new();
    for mut run in writer.claim(claim).await? {
        let steps = vec![sample.step(&run, StepStatus::Succeeded)];
        run.finish(RunStatus::Succeeded, sample.clock.now());
        let advance = Advance {
            run,
            steps,
            blobs: Vec::new(),
            uses: Vec::new(),
            besides: Besides::default(),
        };
        ended.push(writer.advance(advance).await?);
    }
    Ok(ended)
}

async fn sweep_all(sample: &Sample, retention: Retention) -> Result<Swept> {
    let mut all = Swept::default();
    loop {
        let some = sample.store.sweep(retention).await?;
        sample.store.shrink().await?;
        if some == Swept::default() {
            return Ok(all);
        }
        all.runs += some.runs;
        all.events += some.events;
    }
}

async fn runs_go_after_their_time_with_their_steps(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let old = ended_runs(&sample, 600).await?;
    sample.clock.advance(20 * DAY);
    let new = ended_runs(&sample, 3).await?;
    let waiting = sample.store.writer();
    waiting
        .start(&sample.permit::<StartRuns>(), sample.start(None))
        .await?;
    sample.clock.advance(15 * DAY);
    let retention = Retention {
        runs: Some(30 * DAY),
        ..Retention::default()
    };
    assert_eq!(sweep_all(&sample, retention).await?.runs, 600);
    let (db, read) = (sample.store.reader(), sample.permit::<Read>());
    let count = run::count(db, &read, &RunFilter::default()).await?;
    assert_eq!(count, 4, "three are younger, one is not over");
    let ids: Vec<_> = old.iter().map(|run| run.id).collect();
    assert_eq!(step::of_runs(db, &read, &ids[..10]).await?, []);
    let kept: Vec<_> = new.iter().map(|run| run.id).collect();
    assert_eq!(step::of_runs(db, &read, &kept).await?.len(), 3);
    sample.store.close().await;
    Ok(())
}

async fn a_workflow_keeps_its_latest_runs(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let workflow = sample.workflow().await?;
    let writer = sample.store.writer();
    for _ in 0..7 {
        let mut start = sample.start(None);
        start.run.workflow_id = workflow;
        let started = writer.start(&sample.permit::<StartRuns>(), start).await?;
        let claim = Claim {
            owner: "here".to_owned(),
            lease: 30 * SECOND,
            limit: 1,
        };
        let mut run = writer.claim(claim).await?.remove(0);
        assert_eq!(run.id, started.run_id);
        run.finish(RunStatus::Failed, sample.clock.now());
        let advance = Advance {
            run,
            steps: Vec::new(),
            blobs: Vec::new(),
            uses: Vec::new(),
            besides: Besides::default(),
        };
        writer.advance(advance).await?;
        sample.clock.advance(SECOND);
    }
    let before = runs(&sample).await?;
    let retention = Retention {
        runs_per_workflow: Some(5),
        ..Retention::default()
    };
    assert_eq!(sweep_all(&sample, retention).await?.runs, 2);
    assert_eq!(runs(&sample).await?, before[..5]);
    sample.store.close().await;
    Ok(())
}

/// Newest first.
async fn runs(sample: &Sample) -> Result<Vec<run::Run>> {
    let (db, read) = (sample.store.reader(), sample.permit::<Read>());
    Ok(
        run::list(db, &read, &RunFilter::default(), Page::first(100), &[])
            .await?
            .items,
    )
}

async fn entries_of_the_audit_log_go_after_their_time(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let rules = Rules {
        keep_events_days: Some(Some(7)),
        ..Rules::default()
    };
    for _ in 0..2 {
        let permit = sample.permit::<ManageWorkspace>();
        workspace::update(&sample.store, &permit, rules).await?;
        sample.clock.advance(20 * DAY);
    }
    let permit = sample.permit::<ReadAuditLog>();
    let count = || async {
        let filter = AuditFilter::default();
        audit_log::count(sample.store.reader(), &permit, &filter).await
    };
    assert_eq!(count().await?, 2);
    let retention = Retention {
        audit_log: Some(30 * DAY),
        ..Retention::default()
    };
    assert_eq!(sample.store.sweep(retention).await?.audit_entries, 1);
    assert_eq!(sample.store.sweep(retention).await?.audit_entries, 0);
    assert_eq!(count().await?, 1);
    sample.store.close().await;
    Ok(())
}

async fn events_go_after_their_time_and_positions_go_on(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    let large = Json::from(serde_json::json!({ "text": "x".repeat(4_000) }));
    for _ in 0..1_200 {
        let append = Append {
            event: NewEvent {
                data: large.clone(),
                ..sample.event(None)
            },
            runs: Vec::new(),
        };
        sample.store.writer().append(&permit, append).await?;
    }
    let size = sample.database.file_size();
    sample.clock.advance(31 * DAY);
    let retention = Retention {
        events: Some(30 * DAY),
        ..Retention::default()
    };
    assert_eq!(sweep_all(&sample, retention).await?.events, 1_200);
    for _ in 0..3 {
        sample.store.shrink().await?;
    }
    if let (Some(before), Some(after)) = (size, sample.database.file_size()) {
        assert!(after < before / 4, "{before} bytes became {after}");
    }
    // Nobody's cursor lies beyond what comes next, also after a restart.
    sample.store.close().await;
    let store = sample.database.open(&sample.clock).await?;
    let appended = store.writer().append(&permit, sample.append(None)).await?;
    assert!(appended.position > 1_200);
    let kept = event::changes_after(store.reader(), &sample.permit(), 0, &[], 10).await?;
    assert_eq!(kept.len(), 1);
    store.close().await;
    Ok(())
}

/// A use by a step of a run.
fn used(sample: &Sample, run: &run::Run) -> CredentialUse {
    CredentialUse {
        id: sample.clock.id(),
        workspace_id: run.workspace_id,
        app_id: sample.clock.id(),
        purpose: UsePurpose::Step,
        workflow_id: Some(run.workflow_id),
        run_id: Some(run.id),
        node_key: Some("call".to_owned()),
        item_path: None,
        attempt: Some(1),
        at: sample.clock.now(),
        hosts: None,
        requests: None,
        reads: None,
    }
}

async fn uses_of_credentials_outlive_runs_and_go_after_their_time(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let (permit, audit) = (
        sample.permit::<ManageApps>(),
        sample.permit::<ReadAuditLog>(),
    );
    for run in ended_runs(&sample, 2).await? {
        let row = used(&sample, &run);
        let writer = sample.store.writer();
        let put = writer.call(&permit, |call| {
            Box::pin(async move { credential_use::put(call, row).await })
        });
        put.await?;
        sample.clock.advance(20 * DAY);
    }
    let retention = Retention {
        runs: Some(DAY),
        credential_uses: Some(30 * DAY),
        ..Retention::default()
    };
    assert_eq!(sweep_all(&sample, retention).await?.runs, 2);
    let (db, filter) = (sample.store.reader(), UseFilter::default());
    let left = credential_use::list(db, &audit, &filter, Page::first(9)).await?;
    assert_eq!(left.items.len(), 1, "{left:?}");
    assert!(
        left.items[0].run_id.is_some(),
        "it says for which run it was"
    );
    sample.store.close().await;
    Ok(())
}
