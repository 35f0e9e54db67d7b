//! Deliveries: written with their event, claimed, moved on.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use futures_util::future::BoxFuture;
use jackfield_storage::{
    Attempted, Channels, Claim, ClaimedDelivery, Courier, Json, Lease, NewDelivery, NewEvent, Page,
    StorageError, Timestamp,
    access::{ManageWebhooks, ManageWorkspace, PublishEvents, Read},
    delivery::{self, Delivery, DeliveryFilter, DeliveryStatus},
    delivery_attempt::{self, AttemptCause, AttemptStatus, DeliveryAttempt},
    event::Event,
    ids::{WebhookEndpointId, WorkspaceId},
    page::{Cursor, Order, Size},
    retention::Retention,
    sea_orm::{EntityTrait, IntoActiveModel},
    webhook_endpoint::{self, Algorithm, HeaderStyle, Ordering, WebhookEndpoint},
    workspace::{self, Rules},
};
use jackfield_tests::{Engine, on_both_engines};
use parking_lot::Mutex;

use crate::sample::{SECOND, Sample};

on_both_engines!(
    an_event_and_its_deliveries_are_one_commit,
    a_duplicate_goes_nowhere,
    an_attempt_moves_a_delivery_on,
    pages_read_together_are_those_read_one_by_one,
    who_has_lost_a_delivery_writes_nothing_of_it,
    of_a_queue_only_the_first_is_due,
    a_rate_limit_spreads_what_is_claimed,
    changes_are_found_by_their_positions,
    what_waits_is_cancelled_in_steps,
    events_on_their_way_are_kept,
    a_workspace_keeps_deliveries_as_long_as_it_says,
);

/// Sends each event to these endpoints.
struct Sender {
    sample: Sample,
    endpoints: Vec<(WebhookEndpointId, bool)>,
    leased: bool,
    told: Mutex<Vec<(i64, Vec<Delivery>)>>,
}

struct Handle(Arc<Sender>);

impl Courier for Handle {
    fn address<'a>(
        &'a self,
        _: WorkspaceId,
        _: &'a NewEvent,
        _: u64,
    ) -> BoxFuture<'a, Result<Vec<NewDelivery>, StorageError>> {
        let new = self
            .0
            .endpoints
            .iter()
            .map(|(endpoint_id, queued)| NewDelivery {
                id: self.0.sample.clock.id(),
                endpoint_id: *endpoint_id,
                queue: queued.then(|| endpoint_id.to_string()),
                lease: self.0.leased.then(|| Lease {
                    owner: self.0.sample.store.node().to_owned(),
                    until: self.0.sample.clock.now().after(SECOND),
                }),
                due_at: None,
                manual: false,
            });
        let new = new.collect();
        Box::pin(async { Ok(new) })
    }

    fn stored(&self, event: &Arc<Event>, deliveries: &[Delivery]) {
        let told = (event.position, deliveries.to_vec());
        self.0.told.lock().push(told);
    }

    fn look(&self) {}
}

impl Sender {
    async fn start(engine: Engine, endpoints: usize, leased: bool) -> Result<Arc<Self>> {
        let sample = Sample::create(engine).await?;
        let ids = (0..endpoints).map(|_| (sample.clock.id(), false)).collect();
        Ok(Self::with(sample, ids, leased))
    }

    fn with(sample: Sample, endpoints: Vec<(WebhookEndpointId, bool)>, leased: bool) -> Arc<Self> {
        let sender = Arc::new(Self {
            sample,
            endpoints,
            leased,
            told: Mutex::default(),
        });
        let courier = Arc::new(Handle(sender.clone()));
        sender.sample.store.deliver_events(courier);
        sender
    }

    async fn publish(&self, count: usize) -> Result<()> {
        let permit = self.sample.permit::<PublishEvents>();
        let appends = (0..count).map(|_| self.sample.append(None)).collect();
        let results = self.sample.store.writer().append_all(&permit, appends);
        for result in results.await? {
            result?;
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Vec<ClaimedDelivery>> {
        let claim = Claim {
            owner: self.sample.store.node().to_owned(),
            lease: SECOND,
            limit: 100,
        };
        Ok(self.sample.store.writer().claim_deliveries(claim).await?)
    }

    /// All deliveries, in the order of the log.
    async fn all(&self) -> Result<Vec<Delivery>> {
        let read = self.sample.permit::<Read>();
        let page = Page::first(100);
        let db = self.sample.store.reader();
        let mut slice = delivery::list(db, &read, DeliveryFilter::default(), page).await?;
        slice.items.reverse();
        Ok(slice.items)
    }

    /// An attempt at a delivery that has succeeded, or failed and is tried again in a second.
    fn attempt(&self, delivery: &Delivery, succeeded: bool) -> Attempted {
        let now = self.sample.clock.now();
        let mut delivery = delivery.clone();
        let left = delivery.queue.clone().filter(|_| succeeded);
        delivery.attempts += 1;
        let (status, code) = if succeeded {
            delivery.finish(DeliveryStatus::Succeeded, now);
            (AttemptStatus::Succeeded, 200)
        } else {
            delivery.wait(now.after(SECOND));
            (AttemptStatus::Failed, 500)
        };
        let attempt = DeliveryAttempt {
            workspace_id: delivery.workspace_id,
            position: 0,
            id: self.sample.clock.id(),
            delivery_id: delivery.id,
            number: delivery.attempts,
            cause: AttemptCause::Schedule,
            status,
            status_code: Some(code),
            duration_ms: 3,
            request_headers: Json::from(serde_json::json!({})),
            response_body: None,
            error: None,
            attempted_at: now,
        };
        Attempted {
            delivery,
            attempt: Some(attempt),
            left,
            position: 0,
        }
    }

    async fn close(&self) {
        self.sample.store.close().await;
    }
}

async fn an_event_and_its_deliveries_are_one_commit(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 3, true).await?;
    let mut changes = sender.sample.store.changes();
    sender.publish(1).await?;
    let stored = sender.all().await?;
    let positions: Vec<i64> = stored.iter().map(|row| row.position).collect();
    assert_eq!(positions, [2, 3, 4], "right after their event");
    assert_eq!(*sender.told.lock(), [(1, stored.clone())]);
    let told = changes.recv().await?;
    let told: Vec<i64> = told.iter().map(|change| change.position()).collect();
    assert_eq!(told, [1, 2, 3, 4]);
    assert_eq!(
        sender.claim().await?.len(),
        0,
        "they are claimed from birth"
    );

    // Nobody sends them: the lease ends.
    sender.sample.clock.advance(SECOND);
    let claimed = sender.claim().await?;
    assert_eq!(claimed.len(), 3);
    assert!(claimed.iter().all(|found| found.delivery.fence == 2));
    let event = claimed[0].event.as_ref().context("its event")?;
    assert_eq!(event.id, stored[0].event_id);
    sender.close().await;
    Ok(())
}

async fn a_duplicate_goes_nowhere(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 1, true).await?;
    let permit = sender.sample.permit::<PublishEvents>();
    for _ in 0..2 {
        let append = sender.sample.append(Some("once"));
        sender.sample.store.writer().append(&permit, append).await?;
    }
    assert_eq!(sender.all().await?.len(), 1);
    assert_eq!(sender.told.lock().len(), 1);
    sender.close().await;
    Ok(())
}

/// Also of more lists than one statement reads, forwards and backwards, with and without others beyond.
async fn pages_read_together_are_those_read_one_by_one(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 3, true).await?;
    sender.publish(10).await?;
    let read = sender.sample.permit::<Read>();
    let db = sender.sample.store.reader();
    let middle = sender.all().await?[14].position;
    let pages = [Size::First(4), Size::Last(4), Size::First(50)].map(|size| Page {
        size,
        after: None,
        before: Some(Cursor::position(middle)),
        order: Order::OldestFirst,
    });
    let of = |endpoint: &(WebhookEndpointId, bool)| DeliveryFilter {
        endpoint_id: Some(endpoint.0),
        status: None,
    };
    let filters: Vec<_> = sender.endpoints.iter().map(of).collect();
    let each = filters
        .iter()
        .flat_map(|filter| pages.map(|page| (*filter, page)));
    let wanted: Vec<_> = each.collect::<Vec<_>>().repeat(30);

    let together = delivery::pages(db, &read, &wanted).await?;
    assert_eq!(together.len(), wanted.len());
    for ((filter, page), together) in wanted.iter().zip(&together) {
        let alone = delivery::list(db, &read, *filter, *page).await?;
        assert_eq!(&alone, together);
    }
    assert_eq!(delivery::counts(db, &read, &filters).await?, [10, 10, 10]);
    sender.close().await;
    Ok(())
}

async fn an_attempt_moves_a_delivery_on(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 1, true).await?;
    // More than one statement holds.
    sender.publish(300).await?;
    let born: Vec<Delivery> = sender
        .told
        .lock()
        .iter()
        .flat_map(|(_, rows)| rows.clone())
        .collect();
    let writer = sender.sample.store.writer();
    let failed = born.iter().map(|row| sender.attempt(row, false)).collect();
    assert_eq!(writer.record(failed).await?, []);
    assert_eq!(sender.claim().await?.len(), 0);
    sender.sample.clock.advance(SECOND);
    let claimed = sender.claim().await?;
    assert_eq!(claimed.len(), 100);
    let done = claimed
        .iter()
        .map(|found| sender.attempt(&found.delivery, true));
    assert_eq!(writer.record(done.collect()).await?, []);
    let read = sender.sample.permit::<Read>();
    let succeeded = DeliveryFilter {
        status: Some(DeliveryStatus::Succeeded),
        ..DeliveryFilter::default()
    };
    let db = sender.sample.store.reader();
    assert_eq!(delivery::count(db, &read, succeeded).await?, 100);
    let one = &claimed[0].delivery;
    let attempts = delivery_attempt::of_deliveries(db, &read, &[one.id]).await?;
    let seen: Vec<_> = attempts
        .iter()
        .map(|row| (row.number, row.status))
        .collect();
    assert_eq!(
        seen,
        [(1, AttemptStatus::Failed), (2, AttemptStatus::Succeeded)]
    );
    sender.close().await;
    Ok(())
}

async fn who_has_lost_a_delivery_writes_nothing_of_it(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 2, true).await?;
    sender.publish(1).await?;
    let born = sender.told.lock()[0].1.clone();
    sender.sample.clock.advance(SECOND);
    let claimed = sender.claim().await?;
    assert_eq!(claimed.len(), 2);
    // The slow worker with both, of which the other has just recorded none.
    let writer = sender.sample.store.writer();
    let late: Vec<_> = born.iter().map(|row| sender.attempt(row, true)).collect();
    let lost = writer.record(late).await?;
    assert_eq!(lost.len(), 2);
    let mixed = vec![
        sender.attempt(&born[0], true),
        sender.attempt(&claimed[1].delivery, true),
    ];
    assert_eq!(writer.record(mixed).await?, [born[0].id]);
    let rows = sender.all().await?;
    let status = |row: &Delivery| {
        rows.iter()
            .find(|found| found.id == row.id)
            .map(|row| row.status)
    };
    assert_eq!(status(&born[0]), Some(DeliveryStatus::Pending));
    assert_eq!(
        status(&claimed[1].delivery),
        Some(DeliveryStatus::Succeeded)
    );
    sender.close().await;
    Ok(())
}

async fn of_a_queue_only_the_first_is_due(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let endpoint = sample.clock.id();
    let sender = Sender::with(sample, vec![(endpoint, true)], true);
    sender.publish(3).await?;
    let writer = sender.sample.store.writer();
    let mut order = Vec::new();
    for fails in [true, false, false, false] {
        let claimed = sender.claim().await?;
        let [found] = claimed.as_slice() else {
            panic!("{claimed:?}");
        };
        assert_eq!(sender.claim().await?.len(), 0);
        order.push(found.delivery.position);
        let done = sender.attempt(&found.delivery, !fails);
        writer.record(vec![done]).await?;
        if fails {
            assert_eq!(sender.claim().await?.len(), 0, "the others wait for it");
            sender.sample.clock.advance(SECOND);
        }
    }
    assert_eq!(order, [2, 2, 4, 6]);
    sender.publish(1).await?;
    assert_eq!(sender.claim().await?.len(), 1, "a queue that was empty");
    sender.close().await;
    Ok(())
}

async fn a_rate_limit_spreads_what_is_claimed(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let endpoint = endpoint(&sample, Some(10)).await?;
    let sender = Sender::with(sample, vec![(endpoint, false)], false);
    sender.publish(20).await?;
    let now = sender.sample.clock.now();
    let claimed = sender.claim().await?;
    let slots: Vec<u64> = claimed
        .iter()
        .filter_map(|found| found.delivery.slot)
        .map(|slot| slot.since(now).as_millis() as u64)
        .collect();
    assert_eq!(slots, [0, 100, 200], "those whose instant is near");
    let done = claimed
        .iter()
        .map(|found| sender.attempt(&found.delivery, true));
    let writer = sender.sample.store.writer();
    writer.record(done.collect()).await?;
    sender.sample.clock.advance(SECOND);
    let claimed = sender.claim().await?;
    let next: Vec<u64> = claimed
        .iter()
        .filter_map(|found| found.delivery.slot)
        .map(|slot| slot.since(now).as_millis() as u64)
        .collect();
    assert_eq!(next, [300, 400, 500, 600, 700, 800, 900, 1_000]);
    sender.close().await;
    Ok(())
}

async fn changes_are_found_by_their_positions(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 1, true).await?;
    sender.publish(2).await?;
    let born: Vec<Delivery> = sender
        .told
        .lock()
        .iter()
        .flat_map(|(_, rows)| rows.clone())
        .collect();
    let done = sender.attempt(&born[0], true);
    sender.sample.store.writer().record(vec![done]).await?;
    let read = sender.sample.permit::<Read>();
    let db = sender.sample.store.reader();
    let head = sender.sample.store.head().await?;
    let seen = async |range, limit| -> Result<_> {
        let (changes, end) = delivery::changes_after(db, &read, None, range, limit).await?;
        let seen: Vec<_> = changes.iter().map(|(at, row)| (*at, row.id)).collect();
        Ok((seen, end))
    };
    let (first, second) = (born[0].id, born[1].id);
    // The first was born at 2 and tried at 5: it is there once, and not before its last change.
    assert_eq!(
        seen((0, head), 10).await?,
        (vec![(4, second), (5, first)], None)
    );
    assert_eq!(seen((0, head), 2).await?, (vec![(4, second)], Some(4)));
    assert_eq!(seen((4, head), 10).await?, (vec![(5, first)], None));
    assert_eq!(seen((0, head - 1), 10).await?, (vec![(4, second)], None));
    let endpoint = Some(sender.sample.clock.id());
    let (none, _) = delivery::changes_after(db, &read, endpoint, (0, head), 10).await?;
    assert_eq!(none, []);
    sender.close().await;
    Ok(())
}

async fn what_waits_is_cancelled_in_steps(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 1, false).await?;
    sender.publish(5).await?;
    let (endpoint, _) = sender.endpoints[0];
    let permit = sender.sample.permit::<ManageWebhooks>();
    let mut steps = Vec::new();
    for _ in 0..3 {
        let step = sender.sample.store.writer().call(&permit, move |call| {
            Box::pin(delivery::cancel_waiting(call, endpoint, 3))
        });
        steps.push(step.await?);
    }
    assert_eq!(steps, [3, 2, 0]);
    let rows = sender.all().await?;
    assert!(
        rows.iter()
            .all(|row| row.status == DeliveryStatus::Cancelled)
    );
    assert_eq!(sender.claim().await?.len(), 0);
    sender.close().await;
    Ok(())
}

async fn events_on_their_way_are_kept(engine: Engine) -> Result<()> {
    let sender = Sender::start(engine, 1, false).await?;
    sender.publish(3).await?;
    let claimed = sender.claim().await?;
    let writer = sender.sample.store.writer();
    let done = vec![sender.attempt(&claimed[0].delivery, true)];
    writer.record(done).await?;
    sender.sample.clock.advance(Duration::from_secs(100));
    let retention = Retention {
        events: Some(Duration::from_secs(50)),
        ..Retention::default()
    };
    let swept = sender.sample.store.sweep(retention).await?;
    assert_eq!((swept.events, swept.deliveries), (1, 1));
    let swept = sender.sample.store.sweep(retention).await?;
    assert_eq!((swept.events, swept.deliveries), (0, 0));
    let claimed = sender.claim().await?;
    assert!(claimed.iter().all(|found| found.event.is_some()));
    let done = claimed
        .iter()
        .map(|found| sender.attempt(&found.delivery, true));
    assert_eq!(writer.record(done.collect()).await?, []);
    let swept = sender.sample.store.sweep(retention).await?;
    assert_eq!((swept.events, swept.deliveries), (2, 2));
    sender.close().await;
    Ok(())
}

async fn a_workspace_keeps_deliveries_as_long_as_it_says(engine: Engine) -> Result<()> {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let sender = Sender::start(engine, 1, false).await?;
    sender.publish(1).await?;
    let claimed = sender.claim().await?;
    let done = vec![sender.attempt(&claimed[0].delivery, true)];
    sender.sample.store.writer().record(done).await?;
    let rules = Rules {
        keep_deliveries_days: Some(Some(2)),
        keep_events_days: Some(Some(4)),
        ..Rules::default()
    };
    let permit = sender.sample.permit::<ManageWorkspace>();
    workspace::update(&sender.sample.store, &permit, rules).await?;
    let mut swept = Vec::new();
    for _ in 0..5 {
        sender.sample.clock.advance(DAY);
        let some = sender.sample.store.sweep(Retention::default()).await?;
        swept.push((some.deliveries, some.events));
    }
    assert_eq!(swept, [(0, 0), (0, 0), (1, 0), (0, 0), (0, 1)]);
    let read = sender.sample.permit::<Read>();
    let id = claimed[0].delivery.id;
    let db = sender.sample.store.reader();
    let attempts = delivery_attempt::of_deliveries(db, &read, &[id]).await?;
    assert_eq!(attempts, []);
    sender.close().await;
    Ok(())
}

/// An endpoint that is stored.
async fn endpoint(sample: &Sample, rate_limit: Option<i32>) -> Result<WebhookEndpointId> {
    let now = sample.clock.now();
    let row = WebhookEndpoint {
        id: sample.clock.id(),
        workspace_id: sample.workspace,
        name: "sample".to_owned(),
        url: "https://example.com/".to_owned(),
        description: String::new(),
        active: true,
        event_types: Json::from(serde_json::json!([])),
        channels: Channels::default(),
        header_names: Json::from(serde_json::json!([])),
        sealed_headers: None,
        authentication: None,
        sealed_authentication: None,
        algorithm: Algorithm::HmacSha256,
        header_style: HeaderStyle::Webhook,
        rate_limit,
        timeout_ms: 30_000,
        ordering: Ordering::Parallel,
        ordering_path: None,
        filter: None,
        transformation: None,
        sealed: Vec::new(),
        disabled_reason: None,
        failing_since: None,
        next_slot: Timestamp::EPOCH,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        revision: 0,
    };
    let id = row.id;
    let permit = sample.permit::<ManageWebhooks>();
    let stored = sample.store.writer().call(&permit, move |call| {
        Box::pin(async move {
            webhook_endpoint::Entity::insert(row.into_active_model())
                .exec_without_returning(call.db())
                .await?;
            Ok::<_, StorageError>(())
        })
    });
    stored.await?;
    Ok(id)
}
