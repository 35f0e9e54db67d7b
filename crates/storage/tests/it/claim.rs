//! Runs change hands.

use anyhow::Result;
use jackfield_storage::{
    Advance, AdvanceError, Claim, Lease,
    access::{Read, StartRuns},
    run::{self, Priority, Run, RunStatus},
    sea_orm::{ConnectionTrait, DbBackend, Statement},
    step::{self, StepStatus},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::{SECOND, Sample};

on_both_engines!(
    a_queued_run_is_claimed_once,
    a_lease_that_ran_out_fences_its_worker,
    a_run_that_was_claimed_when_made_is_not_claimed_again,
    a_waiting_run_is_claimed_when_it_wakes,
    claiming_looks_at_nothing_else,
    the_urgent_goes_first_and_nobody_waits_for_ever,
);

fn claim(owner: &str) -> Claim {
    Claim {
        owner: owner.to_owned(),
        lease: 30 * SECOND,
        limit: 10,
    }
}

fn advance(run: &Run) -> Advance {
    Advance {
        run: run.clone(),
        steps: Vec::new(),
        blobs: Vec::new(),
        uses: Vec::new(),
        besides: Default::default(),
    }
}

async fn a_queued_run_is_claimed_once(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let writer = sample.store.writer();
    for _ in 0..15 {
        writer.start(&permit, sample.start(None)).await?;
    }
    let (here, there) = tokio::join!(writer.claim(claim("here")), writer.claim(claim("there")));
    let (here, there) = (here?, there?);
    assert_eq!(here.len() + there.len(), 15);
    assert!(
        here.iter()
            .all(|run| there.iter().all(|other| other.id != run.id))
    );
    let run = &here[0];
    assert_eq!((run.status, run.fence), (RunStatus::Running, 1));
    assert_eq!(run.lease_owner.as_deref(), Some("here"));
    assert_eq!(run.due_at, Some(sample.clock.now().after(30 * SECOND)));
    let read = sample.permit::<Read>();
    assert_eq!(
        run::find(sample.store.reader(), &read, run.id)
            .await?
            .as_ref(),
        Some(run)
    );
    sample.store.close().await;
    Ok(())
}

async fn a_lease_that_ran_out_fences_its_worker(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let writer = sample.store.writer();
    writer.start(&permit, sample.start(None)).await?;
    let slow = writer.claim(claim("slow")).await?.remove(0);
    sample.clock.advance(20 * SECOND);
    let held = writer
        .renew(claim("slow"), vec![(slow.id, slow.fence)])
        .await?;
    assert_eq!(held, [slow.id]);
    sample.clock.advance(20 * SECOND);
    assert_eq!(
        writer.claim(claim("quick")).await?,
        [],
        "the lease was renewed"
    );
    sample.clock.advance(20 * SECOND);
    let quick = writer.claim(claim("quick")).await?.remove(0);
    assert_eq!((quick.id, quick.fence), (slow.id, slow.fence + 1));

    let mut late = advance(&slow);
    late.steps.push(sample.step(&slow, StepStatus::Succeeded));
    // In one batch with a worker that may write.
    let mut done = advance(&quick);
    done.run.finish(RunStatus::Succeeded, sample.clock.now());
    let (late, other) = tokio::join!(
        writer.advance(late),
        writer.start(&permit, sample.start(None))
    );
    assert!(matches!(late, Err(AdvanceError::FenceLost)), "{late:?}");
    assert!(other.is_ok());
    assert_eq!(
        writer
            .renew(claim("slow"), vec![(slow.id, slow.fence)])
            .await?,
        []
    );
    writer.advance(done).await?;
    let read = sample.permit::<Read>();
    assert_eq!(
        step::of_runs(sample.store.reader(), &read, &[slow.id]).await?,
        []
    );
    sample.store.close().await;
    Ok(())
}

async fn a_run_that_was_claimed_when_made_is_not_claimed_again(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let writer = sample.store.writer();
    let mut start = sample.start(None);
    start.run.lease = Some(Lease {
        owner: "here".to_owned(),
        until: sample.clock.now().after(30 * SECOND),
    });
    let run = writer
        .start(&permit, start)
        .await?
        .run
        .expect("the run is new");
    assert_eq!((run.status, run.fence), (RunStatus::Running, 1));
    assert_eq!(writer.claim(claim("there")).await?, []);
    assert_eq!(run::next_due(sample.store.reader()).await?, run.due_at);
    // Its node dies. Another one goes on after the lease.
    sample.clock.advance(30 * SECOND);
    let again = writer.claim(claim("there")).await?.remove(0);
    assert_eq!((again.id, again.fence), (run.id, 2));
    sample.store.close().await;
    Ok(())
}

async fn a_waiting_run_is_claimed_when_it_wakes(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let writer = sample.store.writer();
    writer.start(&permit, sample.start(None)).await?;
    writer.start(&permit, sample.start(None)).await?;
    let runs = writer.claim(claim("here")).await?;
    let wake_at = sample.clock.now().after(60 * SECOND);
    let [mut timed, mut endless] = [advance(&runs[0]), advance(&runs[1])];
    timed.run.wait(Some(wake_at));
    endless.run.wait(None);
    writer.advance(timed).await?;
    writer.advance(endless).await?;
    assert_eq!(run::next_due(sample.store.reader()).await?, Some(wake_at));
    sample.clock.advance(59 * SECOND);
    assert_eq!(writer.claim(claim("here")).await?, []);
    sample.clock.advance(SECOND);
    let woken = writer.claim(claim("here")).await?;
    assert_eq!(
        woken.iter().map(|run| run.id).collect::<Vec<_>>(),
        [runs[0].id]
    );
    let mut finished = advance(&woken[0]);
    finished.run.finish(RunStatus::Failed, sample.clock.now());
    writer.advance(finished).await?;
    sample.clock.advance(3_600 * SECOND);
    assert_eq!(writer.claim(claim("here")).await?, []);
    sample.store.close().await;
    Ok(())
}

async fn claiming_looks_at_nothing_else(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let db = sample.store.reader();
    let explain = match db.get_database_backend() {
        DbBackend::Sqlite => "EXPLAIN QUERY PLAN",
        // An empty table is read whole unless that is forbidden.
        _ => "SET enable_seqscan = off; EXPLAIN",
    };
    let query =
        "SELECT id, due_at FROM runs WHERE priority = 1 AND due_at <= 1 ORDER BY due_at LIMIT 10";
    let mut plan = String::new();
    for statement in explain.split(';') {
        let text = if statement.contains("EXPLAIN") {
            format!("{statement} {query}")
        } else {
            statement.to_owned()
        };
        let rows = db
            .query_all_raw(Statement::from_string(db.get_database_backend(), text))
            .await?;
        for row in rows {
            let column = if db.get_database_backend() == DbBackend::Sqlite {
                3
            } else {
                0
            };
            plan += &row.try_get_by::<String, _>(column)?;
        }
    }
    assert!(plan.contains("runs_by_priority_due_at"), "{plan}");
    sample.store.close().await;
    Ok(())
}

async fn the_urgent_goes_first_and_nobody_waits_for_ever(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let writer = sample.store.writer();
    let mut started = Vec::new();
    for (priority, pause) in [
        (Priority::Low, 0),
        (Priority::Normal, 610),
        (Priority::Low, 0),
        (Priority::Normal, 0),
        (Priority::High, 20),
        (Priority::Normal, 0),
    ] {
        let mut start = sample.start(None);
        start.run.priority = priority;
        started.push(start.run.id);
        writer.start(&permit, start).await?;
        sample.clock.advance(pause * SECOND);
    }
    let claimed = writer.claim(claim("here")).await?;
    let order: Vec<usize> = claimed
        .iter()
        .filter_map(|run| started.iter().position(|id| *id == run.id))
        .collect();
    // Ranks in seconds, due + 600 for each priority below HIGH: 600, 610, 1200, 1210, 1230, 1810. So what has waited more
    // than ten minutes goes before what is one priority higher.
    assert_eq!(order, [1, 4, 0, 3, 5, 2]);
    sample.store.close().await;
    Ok(())
}
