//! Several nodes on one PostgreSQL.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use futures_util::future::join_all;
use jackfield_storage::{
    Append, Claim, Store,
    access::{Permit, PublishEvents, Read, StartRuns},
    event,
    ids::EventId,
};
use jackfield_tests::{Engine, example};

use crate::sample::{SECOND, Sample};

#[test]
fn a_follower_misses_nothing_while_two_nodes_append() -> Result<()> {
    example(Engine::Postgres, follow_two_nodes)
}

#[test]
fn two_nodes_never_claim_the_same_run() -> Result<()> {
    example(Engine::Postgres, claim_on_two_nodes)
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
    let claim = |owner: &str| Claim {
        owner: owner.to_owned(),
        lease: 30 * SECOND,
        limit: 7,
    };
    let mut claimed = Vec::new();
    loop {
        let (here, there) = tokio::join!(
            sample.store.writer().claim(claim("here")),
            other.writer().claim(claim("there"))
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
