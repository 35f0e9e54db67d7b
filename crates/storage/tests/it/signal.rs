//! What happens to a run from outside reaches whoever works on it.

use anyhow::Result;
use jackfield_storage::{
    Advance, Besides, Claim, Json, NewRun, Parent,
    access::{PublishEvents, Read, StartRuns},
    event_wait::{self, EventWait},
    ids::StepId,
    run::{self, Run, RunStatus},
    signal::{self, Posted, Signal, SignalKind},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::{SECOND, Sample};

on_both_engines!(
    a_message_wakes_a_run_that_waits,
    a_run_that_rests_without_having_seen_a_message_is_due,
    a_step_takes_one_answer,
    a_run_that_nobody_has_begun_is_cancelled_at_once,
    a_child_tells_its_parent,
    an_event_leaves_a_hint_where_it_matches,
);

fn claim() -> Claim {
    Claim {
        owner: "here".to_owned(),
        lease: 30 * SECOND,
        limit: 10,
    }
}

fn advance(run: &Run, besides: Besides) -> Advance {
    Advance {
        run: run.clone(),
        steps: Vec::new(),
        blobs: Vec::new(),
        uses: Vec::new(),
        besides,
    }
}

async fn claimed(sample: &Sample) -> Result<Run> {
    let permit = sample.permit::<StartRuns>();
    sample
        .store
        .writer()
        .start(&permit, sample.start(None))
        .await?;
    Ok(sample.store.writer().claim(claim()).await?.remove(0))
}

async fn waiting(sample: &Sample) -> Result<Run> {
    let mut run = claimed(sample).await?;
    run.wait(None);
    let writer = sample.store.writer();
    Ok(writer.advance(advance(&run, Besides::default())).await?)
}

fn message(sample: &Sample, run: &Run, step: Option<StepId>, kind: SignalKind) -> Signal {
    Signal {
        id: sample.clock.id(),
        workspace_id: sample.workspace,
        run_id: run.id,
        step_id: step,
        kind,
        body: Json::null(),
        created_at: sample.clock.now(),
    }
}

async fn post(sample: &Sample, signal: Signal) -> Result<Posted> {
    let permit = sample.permit::<StartRuns>();
    let writer = sample.store.writer();
    let posted = writer
        .call(&permit, |call| {
            Box::pin(async move { signal::post(call, signal).await })
        })
        .await?;
    Ok(posted)
}

async fn a_message_wakes_a_run_that_waits(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let run = waiting(&sample).await?;
    let writer = sample.store.writer();
    assert_eq!(writer.claim(claim()).await?, []);
    let message = message(&sample, &run, None, SignalKind::Cancel);
    assert!(matches!(
        post(&sample, message.clone()).await?,
        Posted::Taken(_)
    ));
    let woken = writer.claim(claim()).await?.remove(0);
    assert_eq!((woken.id, woken.signal), (run.id, run.signal + 1));
    let read = sample.permit::<Read>();
    assert_eq!(
        signal::of_run(sample.store.reader(), &read, run.id).await?,
        std::slice::from_ref(&message)
    );
    let mut done = advance(
        &woken,
        Besides {
            consumed: vec![message.id],
            ..Besides::default()
        },
    );
    done.run.finish(RunStatus::Cancelled, sample.clock.now());
    writer.advance(done).await?;
    assert_eq!(
        signal::of_run(sample.store.reader(), &read, run.id).await?,
        []
    );
    let late = Signal {
        id: sample.clock.id(),
        ..message
    };
    assert_eq!(post(&sample, late).await?, Posted::TooLate);
    sample.store.close().await;
    Ok(())
}

async fn a_run_that_rests_without_having_seen_a_message_is_due(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let mut run = claimed(&sample).await?;
    post(&sample, message(&sample, &run, None, SignalKind::Cancel)).await?;
    run.wait(None);
    let writer = sample.store.writer();
    let rested = writer.advance(advance(&run, Besides::default())).await?;
    assert!(rested.due_at.is_some());
    assert_eq!(rested.signal, run.signal + 1);
    assert_eq!(writer.claim(claim()).await?.len(), 1);
    sample.store.close().await;
    Ok(())
}

async fn a_step_takes_one_answer(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let run = waiting(&sample).await?;
    let step = Some(sample.clock.id());
    let first = message(&sample, &run, step, SignalKind::Decide);
    let second = message(&sample, &run, step, SignalKind::Decide);
    assert!(matches!(post(&sample, first).await?, Posted::Taken(_)));
    assert_eq!(post(&sample, second).await?, Posted::Repeated);
    sample.store.close().await;
    Ok(())
}

async fn a_run_that_nobody_has_begun_is_cancelled_at_once(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let started = sample
        .store
        .writer()
        .start(&permit, sample.start(None))
        .await?;
    let run = started.run.expect("the run is new");
    let Posted::Taken(run) =
        post(&sample, message(&sample, &run, None, SignalKind::Cancel)).await?
    else {
        panic!("it is not over")
    };
    assert_eq!(run.status, RunStatus::Cancelled);
    assert_eq!(sample.store.writer().claim(claim()).await?, []);
    sample.store.close().await;
    Ok(())
}

async fn a_child_tells_its_parent(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let writer = sample.store.writer();
    let mut parent = claimed(&sample).await?;
    let child = NewRun {
        parent: Some(Parent {
            run_id: parent.id,
            step_id: Some(sample.clock.id()),
            depth: 1,
        }),
        ..sample.run()
    };
    let id = child.id;
    parent.wait(None);
    let starts = Besides {
        runs: vec![child],
        ..Besides::default()
    };
    writer.advance(advance(&parent, starts)).await?;
    let read = sample.permit::<Read>();
    let children = run::children(sample.store.reader(), &read, &[parent.id]).await?;
    assert_eq!(children.len(), 1);

    let child = writer.claim(claim()).await?.remove(0);
    assert_eq!((child.id, child.depth), (id, 1));
    let mut over = advance(
        &child,
        Besides {
            wake: vec![parent.id],
            ..Besides::default()
        },
    );
    over.run.finish(RunStatus::Succeeded, sample.clock.now());
    writer.advance(over).await?;
    let woken = writer.claim(claim()).await?;
    assert_eq!(
        woken.iter().map(|run| run.id).collect::<Vec<_>>(),
        [parent.id]
    );
    let children = run::children(sample.store.reader(), &read, &[parent.id]).await?;
    assert!(children[0].status.is_finished());
    sample.store.close().await;
    Ok(())
}

async fn an_event_leaves_a_hint_where_it_matches(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let writer = sample.store.writer();
    let mut run = claimed(&sample).await?;
    let wait = |value: &str| EventWait {
        step_id: sample.clock.id(),
        run_id: run.id,
        workspace_id: sample.workspace,
        event_type: "order.placed".to_owned(),
        match_path: Some("key".to_owned()),
        match_value: Some(value.to_owned()),
        since: run.revision,
        hint: None,
    };
    let (wanted, other) = (wait("\"b\""), wait("\"z\""));
    run.wait(None);
    let waits = Besides {
        event_waits: vec![wanted.clone(), other.clone()],
        ..Besides::default()
    };
    writer.advance(advance(&run, waits)).await?;

    let publish = sample.permit::<PublishEvents>();
    let mut events = Vec::new();
    let mut changes = sample.store.changes();
    for key in ["a", "b"] {
        writer.append(&publish, sample.append(Some(key))).await?;
        for change in changes.recv().await?.iter() {
            if let jackfield_storage::Change::Event(event) = change {
                events.push(event.clone());
            }
        }
    }
    event_wait::hint(&sample.store, &events).await?;
    assert_eq!(writer.claim(claim()).await?.len(), 1);
    let read = sample.permit::<Read>();
    let waits = event_wait::of_run(sample.store.reader(), &read, run.id).await?;
    for wait in waits {
        assert_eq!(
            wait.look_from().is_some(),
            wait.step_id == wanted.step_id,
            "{wait:?}"
        );
        let Some(from) = wait.look_from() else {
            continue;
        };
        let head = sample.store.head().await?;
        let found = event_wait::next_match(sample.store.reader(), &wait, (from, head), |event| {
            wait.matches(event)
        })
        .await?;
        assert_eq!(found.map(|event| event.id), Some(events[1].id));
    }
    sample.store.close().await;
    Ok(())
}
