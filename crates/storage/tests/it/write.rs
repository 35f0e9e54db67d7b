//! Group commit, seen by its callers.

use std::{collections::HashSet, sync::Arc};

use anyhow::{Context, Result};
use futures_util::future::join_all;
use jackfield_storage::{
    Advance, Append, Change, Page, StorageError,
    access::{PublishEvents, Read, StartRuns},
    event::{self, EventFilter},
    run, step,
    step::{Step, StepStatus},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::Sample;

on_both_engines!(
    positions_have_no_gaps,
    the_same_key_is_the_same_event,
    the_same_key_is_the_same_run,
    many_events_are_one_commit_with_a_result_each,
    a_refused_event_fails_alone,
    a_caller_that_leaves_harms_nobody,
    a_closed_store_refuses,
    a_failed_call_is_undone,
    a_call_that_panics_is_undone_and_the_writer_lives_on,
    positions_continue_after_a_restart,
    followers_see_commits_in_order,
    a_step_is_written_again_as_it_goes_on,
);

async fn positions_have_no_gaps(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    let writer = sample.store.writer();
    let appends =
        (0..500).map(|number| writer.append(&permit, sample.append(Some(&number.to_string()))));
    let mut positions = Vec::new();
    for appended in join_all(appends).await {
        positions.push(appended?.position);
    }
    positions.sort_unstable();
    assert_eq!(positions, (1..=500).collect::<Vec<i64>>());

    let read = sample.permit::<Read>();
    let events = event::changes_after(sample.store.reader(), &read, 0, &[], 1_000).await?;
    let stored: Vec<i64> = events.iter().map(|event| event.position).collect();
    assert_eq!(stored, positions);
    sample.store.close().await;
    Ok(())
}

async fn the_same_key_is_the_same_event(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    let writer = sample.store.writer();
    // Together with others, so that one batch holds both new events and repeats.
    let keys =
        (0..200).map(|number| ["same".to_owned(), format!("other {number}")][number % 2].clone());
    let appends: Vec<Append> = keys.map(|key| sample.append(Some(&key))).collect();
    let answers = join_all(
        appends
            .into_iter()
            .map(|append| writer.append(&permit, append)),
    )
    .await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;

    let same: Vec<_> = answers.iter().step_by(2).collect();
    assert_eq!(same.iter().filter(|answer| !answer.duplicate).count(), 1);
    assert_eq!(
        same.iter()
            .map(|answer| answer.event_id)
            .collect::<HashSet<_>>()
            .len(),
        1
    );
    assert!(
        answers
            .iter()
            .skip(1)
            .step_by(2)
            .all(|answer| !answer.duplicate)
    );

    let later = writer.append(&permit, sample.append(Some("same"))).await?;
    assert!(later.duplicate);
    assert_eq!(
        (later.event_id, later.position),
        (same[0].event_id, same[0].position)
    );
    let read = sample.permit::<Read>();
    let count = event::count(sample.store.reader(), &read, &EventFilter::default()).await?;
    assert_eq!(count, 101);
    let next = writer.append(&permit, sample.append(None)).await?;
    assert_eq!(next.position, 102, "duplicates take no position");
    sample.store.close().await;
    Ok(())
}

async fn many_events_are_one_commit_with_a_result_each(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    let writer = sample.store.writer();
    let mut changes = sample.store.changes();
    let mut appends: Vec<Append> = (0..300).map(|_| sample.append(None)).collect();
    appends[7] = sample.append(Some("key"));
    appends[7].event.dedupe_hash = Some(vec![1; 32]);
    appends[8] = sample.append(Some("key"));
    appends[9].event.event_type = String::new();
    appends[10].event.content_type = Some("text/csv".to_owned());
    let results = writer.append_all(&permit, appends).await?;

    assert_eq!(results.len(), 300);
    let stored: Vec<_> = results.iter().flatten().collect();
    assert_eq!(stored.len(), 299, "only the one without a type is refused");
    assert!(results[9].is_err());
    let (first, repeat) = (stored[7], stored[8]);
    assert_eq!(
        (repeat.event_id, repeat.duplicate, &repeat.dedupe_hash),
        (first.event_id, true, &Some(vec![1; 32]))
    );
    let raw = stored[9].event.as_ref().context("the event is not told")?;
    let read = event::find(sample.store.reader(), &sample.permit::<Read>(), raw.id).await?;
    assert_eq!(read.as_ref(), Some(raw.as_ref()));

    // Without one that the database refuses, they are told as one batch.
    while changes.try_recv().is_ok() {}
    let appends = (0..300).map(|_| sample.append(None)).collect();
    writer.append_all(&permit, appends).await?;
    assert_eq!(changes.recv().await?.len(), 300);
    sample.store.close().await;
    Ok(())
}

async fn the_same_key_is_the_same_run(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let first = sample
        .store
        .writer()
        .start(&permit, sample.start(Some("once")))
        .await?;
    let second = sample
        .store
        .writer()
        .start(&permit, sample.start(Some("once")))
        .await?;
    assert!(!first.duplicate && second.duplicate);
    assert_eq!(first.run_id, second.run_id);
    sample.store.close().await;
    Ok(())
}

async fn a_refused_event_fails_alone(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    let writer = sample.store.writer();
    let appends = (0..100).map(|number| {
        let mut append = sample.append(Some(&number.to_string()));
        if number == 37 {
            append.event.event_type.clear();
        }
        if number % 10 == 0 {
            append.runs.push(sample.run());
        }
        writer.append(&permit, append)
    });
    let answers = join_all(appends).await;
    let refused: Vec<usize> = answers
        .iter()
        .enumerate()
        .filter_map(|(number, answer)| answer.is_err().then_some(number))
        .collect();
    assert_eq!(refused, [37]);
    let read = sample.permit::<Read>();
    let events = event::count(sample.store.reader(), &read, &EventFilter::default()).await?;
    let runs = run::count(sample.store.reader(), &read, &run::RunFilter::default()).await?;
    assert_eq!((events, runs), (99, 10));
    sample.store.close().await;
    Ok(())
}

async fn a_caller_that_leaves_harms_nobody(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    for number in 0..20 {
        let mut append = Box::pin(
            sample
                .store
                .writer()
                .append(&permit, sample.append(Some(&number.to_string()))),
        );
        // Sent, and given up before the answer can be there.
        assert!(futures_util::poll!(append.as_mut()).is_pending());
    }
    let stays = sample
        .store
        .writer()
        .append(&permit, sample.append(None))
        .await?;
    assert_eq!(stays.position, 21);
    sample.store.close().await;
    Ok(())
}

async fn a_closed_store_refuses(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    let last = sample.store.writer().append(&permit, sample.append(None));
    let (last, ()) = tokio::join!(last, sample.store.close());
    assert!(last.is_ok(), "what was queued is committed: {last:?}");
    let late = sample
        .store
        .writer()
        .append(&permit, sample.append(None))
        .await;
    assert!(matches!(late, Err(StorageError::Closed)), "{late:?}");
    Ok(())
}

async fn a_failed_call_is_undone(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let started = sample
        .store
        .writer()
        .start(&permit, sample.start(None))
        .await?;
    let id = started.run_id;
    let failed = sample.store.writer().call(&permit, move |call| {
        Box::pin(async move {
            use jackfield_storage::sea_orm::EntityTrait as _;
            call.next_position();
            run::Entity::delete_by_id(id).exec(call.db()).await?;
            Err::<(), _>(anyhow::anyhow!("changed my mind"))
        })
    });
    let other = sample.store.writer().call(&permit, |call| {
        Box::pin(async move { Ok::<_, anyhow::Error>(call.next_position()) })
    });
    let (failed, other) = tokio::join!(failed, other);
    assert_eq!(
        failed.map_err(|error| error.to_string()),
        Err("changed my mind".to_owned())
    );
    assert_eq!(other?, 2, "a call that is undone takes no position");
    let read = sample.permit::<Read>();
    assert!(run::find(sample.store.reader(), &read, id).await?.is_some());
    sample.store.close().await;
    Ok(())
}

async fn a_call_that_panics_is_undone_and_the_writer_lives_on(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let panicked = sample.store.writer().call(&permit, |call| {
        Box::pin(async move {
            call.next_position();
            panic!("a defect");
            #[expect(unreachable_code, reason = "it names the types")]
            Ok::<(), StorageError>(())
        })
    });
    let panicked = panicked.await;
    assert!(
        matches!(panicked, Err(StorageError::Panicked)),
        "{panicked:?}"
    );
    let permit = sample.permit::<PublishEvents>();
    let next = sample
        .store
        .writer()
        .append(&permit, sample.append(None))
        .await?;
    assert_eq!(next.position, 1);
    sample.store.close().await;
    Ok(())
}

async fn positions_continue_after_a_restart(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    for _ in 0..3 {
        sample
            .store
            .writer()
            .append(&permit, sample.append(None))
            .await?;
    }
    sample.store.close().await;
    let again = sample.database.open(&sample.clock).await?;
    let (_, made) = again.ensure_default_workspace().await?;
    assert!(!made);
    let next = again.writer().append(&permit, sample.append(None)).await?;
    assert_eq!(next.position, 4);
    again.close().await;
    Ok(())
}

async fn followers_see_commits_in_order(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    let mut changes = sample.store.changes();
    let appends = (0..50).map(|_| {
        let mut append = sample.append(None);
        append.runs.push(sample.run());
        sample.store.writer().append(&permit, append)
    });
    join_all(appends).await;
    let mut seen: Vec<Change> = Vec::new();
    while seen.len() < 100 {
        let batch: Arc<[Change]> = changes.recv().await?;
        seen.extend(batch.iter().cloned());
    }
    let positions: Vec<i64> = seen.iter().map(Change::position).collect();
    assert_eq!(positions, (1..=100).collect::<Vec<i64>>());
    sample.store.close().await;
    Ok(())
}

async fn a_step_is_written_again_as_it_goes_on(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let mut start = sample.start(None);
    start.run.lease = Some(jackfield_storage::Lease {
        owner: "here".to_owned(),
        until: sample.clock.now(),
    });
    let run = sample.store.writer().start(&permit, start).await?.run;
    let run = run.expect("the run is new");
    let mut step = sample.step(&run, StepStatus::Running);
    let advance = |run: &run::Run, step: &Step| Advance {
        run: run.clone(),
        steps: vec![step.clone()],
        blobs: Vec::new(),
        uses: Vec::new(),
        besides: Default::default(),
    };
    let writer = sample.store.writer();
    let run = writer.advance(advance(&run, &step)).await?;
    step.status = StepStatus::Succeeded;
    step.port = Some("data-out".to_owned());
    let mut finished = run.clone();
    finished.finish(run::RunStatus::Succeeded, sample.clock.now());
    let run = writer.advance(advance(&finished, &step)).await?;

    let read = sample.permit::<Read>();
    assert_eq!(
        run::find(sample.store.reader(), &read, run.id).await?,
        Some(run.clone())
    );
    let steps = step::of_runs(sample.store.reader(), &read, &[run.id]).await?;
    step.revision = run.revision - 1;
    assert_eq!(steps, [step]);
    let runs = run::list(
        sample.store.reader(),
        &read,
        &run::RunFilter::default(),
        Page::default(),
        &[],
    )
    .await?;
    assert_eq!(runs.items, [run]);
    sample.store.close().await;
    Ok(())
}
