//! Several nodes on one PostgreSQL.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail};
use futures_util::future::join_all;
use jackfield_storage::{
    Append, Change, Changes, Claim, Elsewhere, StorageError, Store,
    access::{Permit, PublishEvents, Read, StartRuns},
    event,
    ids::EventId,
};
use jackfield_tests::{Engine, example};
use tokio::time::timeout;

use crate::sample::{SECOND, Sample};

#[test]
fn a_follower_misses_nothing_while_two_nodes_append() -> Result<()> {
    example(Engine::Postgres, follow_two_nodes)
}

#[test]
fn two_nodes_never_claim_the_same_run() -> Result<()> {
    example(Engine::Postgres, claim_on_two_nodes)
}

#[test]
fn what_one_node_commits_is_told_on_the_other() -> Result<()> {
    example(Engine::Postgres, tell_the_other_node)
}

#[test]
fn changes_are_told_in_order_while_two_nodes_append() -> Result<()> {
    example(Engine::Postgres, tell_in_order)
}

#[test]
fn what_is_accepted_outlives_a_restart_of_the_database() -> Result<()> {
    example(Engine::Postgres, restart_under_load)
}

async fn tell_the_other_node(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let other = sample.database.open(&sample.clock).await?;
    let mut changes = other.changes();
    let appended = sample
        .store
        .writer()
        .append(&sample.permit(), sample.append(None))
        .await?;
    let what = elsewhere(&mut changes).await?;
    assert_eq!(
        (what.after(), what.upto()),
        (appended.position - 1, appended.position)
    );
    assert!(what.may_have_events() && !what.may_have_workflows());
    assert_eq!(what.due(), None);

    let started = sample
        .store
        .writer()
        .start(&sample.permit::<StartRuns>(), sample.start(None))
        .await?;
    let what = elsewhere(&mut changes).await?;
    assert!(what.may_have_run(started.run_id) && !what.may_have_run(sample.clock.id()));
    assert!(!what.may_have_events());
    assert_eq!(what.due(), Some(sample.clock.now()));

    sample.store.writer().claim(claim("here", 1)).await?;
    let what = elsewhere(&mut changes).await?;
    assert!(what.may_have_run(started.run_id));
    assert_eq!(what.due(), None, "somebody works on it");
    sample.store.close().await;
    other.close().await;
    Ok(())
}

async fn elsewhere(changes: &mut Changes) -> Result<Elsewhere> {
    let batch = timeout(10 * SECOND, changes.recv()).await??;
    match batch.as_ref() {
        [Change::Elsewhere(what)] => Ok(Elsewhere::clone(what)),
        other => bail!("instead of one thing from elsewhere: {other:?}"),
    }
}

async fn tell_in_order(engine: Engine) -> Result<()> {
    const EACH: usize = 400;
    let sample = Sample::create(engine).await?;
    let other = sample.database.open(&sample.clock).await?;
    let follower = tokio::spawn(follow_changes(other.clone(), sample.permit(), 2 * EACH));
    let appenders: Vec<_> = [&sample.store, &other]
        .into_iter()
        .flat_map(|store| (0..8).map(move |_| store.clone()))
        .map(|store| {
            let (permit, clock) = (sample.permit::<PublishEvents>(), sample.clock.clone());
            let events: Vec<_> = (0..EACH / 8).map(|_| sample.append(None)).collect();
            tokio::spawn(async move {
                for append in events {
                    clock.advance(SECOND);
                    store.writer().append(&permit, append).await?;
                }
                Ok::<_, StorageError>(())
            })
        })
        .collect();
    for appender in appenders {
        appender.await??;
    }
    let last = i64::try_from(2 * EACH)?;
    let seen = timeout(30 * SECOND, follower).await???;
    assert_eq!(seen, (1..=last).collect::<Vec<i64>>());
    sample.store.close().await;
    other.close().await;
    Ok(())
}

/// Follows as a subscription does: by what is told, and by reading what was told to be elsewhere.
async fn follow_changes(store: Store, permit: Permit<Read>, until: usize) -> Result<Vec<i64>> {
    let mut changes = store.changes();
    let mut seen: Vec<i64> = Vec::new();
    while seen.len() < until {
        let batch = changes.recv().await?;
        for change in batch.iter() {
            let last = seen.last().copied().unwrap_or(0);
            match change {
                Change::Event(event) if event.position > last => seen.push(event.position),
                Change::Elsewhere(what) if what.may_have_events() => {
                    let events =
                        event::changes_after(store.reader(), &permit, last, &[], 5_000).await?;
                    seen.extend(events.iter().map(|event| event.position));
                }
                _ => {}
            }
        }
    }
    Ok(seen)
}

async fn restart_under_load(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let mut changes = sample.store.changes();
    let follower = tokio::spawn(async move {
        let mut positions = Vec::new();
        while let Ok(batch) = changes.recv().await {
            positions.extend(batch.iter().map(Change::position));
        }
        positions
    });
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let (store, permit) = (sample.store.clone(), sample.permit::<PublishEvents>());
            let events: Vec<_> = (0..200).map(|_| sample.append(None)).collect();
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for append in events {
                    ids.push(store.writer().append(&permit, append).await?.event_id);
                    tokio::time::sleep(SECOND / 200).await;
                }
                Ok::<_, StorageError>(ids)
            })
        })
        .collect();
    for _ in 0..2 {
        tokio::time::sleep(SECOND / 4).await;
        tokio::task::block_in_place(|| sample.database.restart())?;
    }
    let mut accepted = Vec::new();
    for caller in callers {
        accepted.extend(caller.await??);
    }
    let read = sample.permit::<Read>();
    let stored = event::changes_after(sample.store.reader(), &read, 0, &[], 10_000).await?;
    assert_eq!(stored.len(), accepted.len(), "nothing is stored twice");
    let stored: HashSet<EventId> = stored.iter().map(|event| event.id).collect();
    assert!(accepted.iter().all(|id| stored.contains(id)));
    sample.store.close().await;
    drop(sample);
    let positions = follower.await?;
    assert!(positions.is_sorted(), "{positions:?}");
    Ok(())
}

async fn follow_two_nodes(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let other = sample.database.open(&sample.clock).await?;
    let permit = sample.permit::<PublishEvents>();
    let follower = tokio::spawn(follow(other.clone(), sample.permit(), 1_000));
    let mut first: HashMap<usize, HashSet<EventId>> = HashMap::new();
    // Each key is appended on both nodes at the same time.
    for round in 0..10 {
        let keys = round * 100..(round + 1) * 100;
        let appends: Vec<(usize, Append)> = keys
            .flat_map(|key| [(key, 0), (key, 1)])
            .map(|(key, _)| (key, sample.append(Some(&key.to_string()))))
            .collect();
        let answers = join_all(
            appends
                .into_iter()
                .enumerate()
                .map(|(index, (key, append))| {
                    let store = if index % 2 == 0 {
                        &sample.store
                    } else {
                        &other
                    };
                    let permit = &permit;
                    async move { (key, store.writer().append(permit, append).await) }
                }),
        )
        .await;
        for (key, answer) in answers {
            first.entry(key).or_default().insert(answer?.event_id);
        }
    }
    assert!(
        first.values().all(|ids| ids.len() == 1),
        "both nodes name the same event"
    );
    assert_eq!(follower.await??, (1..=1_000).collect::<Vec<i64>>());
    sample.store.close().await;
    other.close().await;
    Ok(())
}

/// Reads the log as it grows. Returns the positions in the order in which they were seen.
async fn follow(store: Store, permit: Permit<Read>, until: usize) -> Result<Vec<i64>> {
    let mut seen = Vec::new();
    while seen.len() < until {
        let last = seen.last().copied().unwrap_or(0);
        let events = event::changes_after(store.reader(), &permit, last, &[], 50).await?;
        seen.extend(events.iter().map(|event| event.position));
        tokio::task::yield_now().await;
    }
    Ok(seen)
}

async fn claim_on_two_nodes(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let other = sample.database.open(&sample.clock).await?;
    let permit = sample.permit::<StartRuns>();
    for _ in 0..100 {
        sample
            .store
            .writer()
            .start(&permit, sample.start(None))
            .await?;
    }
    let mut claimed = Vec::new();
    loop {
        let (here, there) = tokio::join!(
            sample.store.writer().claim(claim("here", 7)),
            other.writer().claim(claim("there", 7))
        );
        let before = claimed.len();
        claimed.extend(here?.into_iter().chain(there?).map(|run| run.id));
        if claimed.len() == before {
            break;
        }
    }
    assert_eq!(claimed.len(), 100);
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>().len(), 100);
    sample.store.close().await;
    other.close().await;
    Ok(())
}

fn claim(owner: &str, limit: u64) -> Claim {
    Claim {
        owner: owner.to_owned(),
        lease: 30 * SECOND,
        limit,
    }
}
