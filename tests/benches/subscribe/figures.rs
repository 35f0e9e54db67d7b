use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use futures_util::future::try_join_all;
use jackfield_tests::{Engine, Jackfield, Plugins, Setup};
use serde_json::{Value, json};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use super::process::resident;
use super::subscriber::{Seen, Subscriber};

const SUBSCRIBERS: usize = 10_000;

/// How many connect at the same time.
const CONNECTING: usize = 64;

/// How many single events are timed.
const SINGLE: usize = 10;

/// How many events are under way at most while the rate is measured, and how many of them are published together.
const UNDER_WAY: usize = 64;
const TOGETHER: usize = 8;

/// Measures one figure and prints it.
pub async fn measure(name: &str, length: Duration) -> Result<()> {
    if name != "stream" {
        bail!("there is no figure `{name}`");
    }
    LocalSet::new().run_until(stream(length)).await
}

async fn stream(length: Duration) -> Result<()> {
    let start = Instant::now();
    let jackfield = Setup::with(Engine::Sqlite, Plugins::All)?
        .environment("JACKFIELD_LOG", "warn")
        .start()
        .await?;
    publish(&jackfield, start, 1).await?;
    let process = jackfield.process_id()?;
    let before = resident(process)?;
    let seen = Rc::new(Seen::default());
    subscribe(&jackfield, &seen, start).await?;
    sleep(Duration::from_secs(1)).await;
    let idle = resident(process)? - before;
    let latencies = single(&jackfield, &seen, start).await?;
    let (frames, took) = flood(&jackfield, &seen, start, length).await?;
    let at = |share: f64| {
        let index = (latencies.len() as f64 * share) as usize;
        (latencies[index] as f64 / 1e4).round() / 1e2
    };
    let figure = json!({
        "bench": "subscribe", "figure": "stream", "subscribers": SUBSCRIBERS,
        "p50Ms": at(0.5), "p99Ms": at(0.99), "targetP99Ms": 150,
        "framesPerSecond": (frames as f64 / took.as_secs_f64()).round(), "targetPerSecond": 200_000,
        "idleKiBPerSubscriber": (idle as f64 / SUBSCRIBERS as f64 / 102.4).round() / 10.0, "targetKiB": 20,
    });
    println!("{figure}");
    jackfield.abandon();
    Ok(())
}

async fn subscribe(jackfield: &Jackfield, seen: &Rc<Seen>, start: Instant) -> Result<()> {
    let (url, key) = (jackfield.url(""), jackfield.owner_key().to_owned());
    let connecting = (0..CONNECTING).map(|_| async {
        for _ in 0..SUBSCRIBERS.div_ceil(CONNECTING) {
            let subscriber = Subscriber::connect(&url, &key).await?;
            spawn_local(subscriber.listen(seen.clone(), start));
        }
        Ok::<_, anyhow::Error>(())
    });
    try_join_all(connecting).await?;
    Ok(())
}

/// One event after the other, each when everybody has seen the one before. Returns how long each subscriber waited, sorted, in
/// nanoseconds.
async fn single(jackfield: &Jackfield, seen: &Seen, start: Instant) -> Result<Vec<u64>> {
    // The first one shows that everybody has subscribed.
    for _ in 0..=SINGLE {
        seen.latencies.borrow_mut().clear();
        sleep(Duration::from_millis(200)).await;
        let before = seen.count.get();
        publish(jackfield, start, 1).await?;
        until(seen, before + subscribers()).await?;
    }
    let mut latencies = Vec::new();
    for _ in 0..SINGLE {
        sleep(Duration::from_millis(200)).await;
        seen.latencies.borrow_mut().clear();
        let before = seen.count.get();
        publish(jackfield, start, 1).await?;
        until(seen, before + subscribers()).await?;
        latencies.append(&mut seen.latencies.borrow_mut());
    }
    latencies.sort_unstable();
    Ok(latencies)
}

/// Events as fast as everybody sees them. Returns how many times one was seen, and in which time.
async fn flood(
    jackfield: &Jackfield,
    seen: &Seen,
    start: Instant,
    length: Duration,
) -> Result<(usize, Duration)> {
    let (began, before) = (Instant::now(), seen.count.get());
    let mut published = 0;
    while began.elapsed() < length {
        let under_way = published - (seen.count.get() - before) / subscribers();
        if under_way + TOGETHER > UNDER_WAY {
            sleep(Duration::from_millis(1)).await;
            continue;
        }
        publish(jackfield, start, TOGETHER).await?;
        published += TOGETHER;
    }
    until(seen, before + published * subscribers()).await?;
    Ok((seen.count.get() - before, began.elapsed()))
}

fn subscribers() -> usize {
    SUBSCRIBERS.div_ceil(CONNECTING) * CONNECTING
}

async fn until(seen: &Seen, count: usize) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while seen.count.get() < count {
        ensure!(
            Instant::now() < deadline,
            "{} of {count} were seen",
            seen.count.get()
        );
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

async fn publish(jackfield: &Jackfield, start: Instant, count: usize) -> Result<()> {
    let at = u64::try_from(start.elapsed().as_nanos())?;
    let data = json!({"at": at, "id": "inv_1042", "cents": 129_900, "currency": "eur", "customer": "cus_77"});
    let event = json!({"type": "invoice.paid", "data": data});
    let input = json!({"events": vec![event; count]});
    let _: Value = jackfield
        .owner()
        .succeed("publishEvents", input, "events { id }")
        .await?;
    Ok(())
}
