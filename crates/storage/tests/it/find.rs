//! Reading in pages, and never across workspaces.

use anyhow::Result;
use jackfield_storage::{
    Clock, Page,
    access::{Permit, PublishEvents, Read, StartRuns},
    event::{self, EventFilter},
    run::{self, RunFilter, RunStatus},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::{SECOND, Sample};

on_both_engines!(
    events_come_in_pages,
    runs_are_filtered,
    another_workspace_sees_nothing
);

async fn events_come_in_pages(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<PublishEvents>();
    for number in 0..5 {
        let mut append = sample.append(None);
        append.event.event_type = ["order.placed", "order.paid"][number % 2].to_owned();
        sample.store.writer().append(&permit, append).await?;
        sample.clock.advance(SECOND);
    }
    let read = sample.permit::<Read>();
    let db = sample.store.reader();
    let all = EventFilter::default();
    let first = event::list(db, &read, &all, Page::first(2), &[]).await?;
    let rest = event::list(db, &read, &all, Page::after(10, first.end()), &[]).await?;
    let positions = |slice: &jackfield_storage::Slice<event::Event>| {
        slice
            .items
            .iter()
            .map(|event| event.position)
            .collect::<Vec<_>>()
    };
    assert_eq!((positions(&first), first.has_next), (vec![5, 4], true));
    assert_eq!((positions(&rest), rest.has_next), (vec![3, 2, 1], false));

    let paid = EventFilter {
        types: vec!["order.paid".to_owned()],
        since: Some(sample.clock.now().before(3 * SECOND)),
        ..EventFilter::default()
    };
    assert_eq!(
        positions(&event::list(db, &read, &paid, Page::default(), &[]).await?),
        [4]
    );
    assert_eq!(event::count(db, &read, &paid).await?, 1);
    sample.store.close().await;
    Ok(())
}

async fn runs_are_filtered(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let start = sample.start(None);
    let workflow = start.run.workflow_id;
    let writer = sample.store.writer();
    let one = writer.start(&permit, start).await?.run_id;
    writer.start(&permit, sample.start(None)).await?;
    let read = sample.permit::<Read>();
    let filter = RunFilter {
        workflow_id: Some(workflow),
        status: Some(RunStatus::Queued),
        is_test: None,
    };
    let found = run::list(sample.store.reader(), &read, &filter, Page::default(), &[]).await?;
    assert_eq!(
        found.items.iter().map(|run| run.id).collect::<Vec<_>>(),
        [one]
    );
    let filter = RunFilter {
        workflow_id: None,
        status: Some(RunStatus::Failed),
        is_test: None,
    };
    assert_eq!(run::count(sample.store.reader(), &read, &filter).await?, 0);
    sample.store.close().await;
    Ok(())
}

async fn another_workspace_sees_nothing(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let mut append = sample.append(Some("key"));
    append.runs.push(sample.run());
    let permit = sample.permit::<PublishEvents>();
    let appended = sample.store.writer().append(&permit, append).await?;
    let stranger = Permit::<Read>::system(Clock::system().id(), "test");
    let db = sample.store.reader();
    assert_eq!(event::find(db, &stranger, appended.event_id).await?, None);
    assert_eq!(
        event::find_many(db, &stranger, &[appended.event_id], &[]).await?,
        []
    );
    assert_eq!(event::changes_after(db, &stranger, 0, &[], 10).await?, []);
    assert_eq!(run::find(db, &stranger, appended.runs[0].id).await?, None);
    assert_eq!(run::count(db, &stranger, &RunFilter::default()).await?, 0);

    // Keys are unique in a workspace, not across workspaces.
    let elsewhere = Permit::<PublishEvents>::system(stranger.workspace(), "test");
    let same_key = sample
        .store
        .writer()
        .append(&elsewhere, sample.append(Some("key")))
        .await?;
    assert!(!same_key.duplicate);
    sample.store.close().await;
    Ok(())
}
